// What a page looks like, measured in the browser that draws it. Each function gives what is wrong, as texts.
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();
  /** Any colour of CSS as red, green, blue from 0 to 255 and alpha from 0 to 1. */
  const colourOf = (text) => {
    if (!known.has(text)) {
      ink.clearRect(0, 0, 1, 1);
      ink.fillStyle = "#0000";
      ink.fillStyle = text;
      ink.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = ink.getImageData(0, 0, 1, 1).data;
      known.set(text, [r, g, b, a / 255]);
    }
    return known.get(text);
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  /** What is painted behind an element, from itself outwards until it is opaque. */
  const behind = (element) => {
    const layers = [];
    const box = element.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    for (let one = element; one; one = one.parentElement) {
      if (one instanceof SVGElement && !(one instanceof SVGSVGElement)) {
        for (let shape = one.previousElementSibling; shape; shape = shape.previousElementSibling) {
          if (!(shape instanceof SVGRectElement)) continue;
          const at = shape.getBoundingClientRect();
          const fill = getComputedStyle(shape).fill;
          if (fill !== "none" && at.left <= x && x <= at.right && at.top <= y && y <= at.bottom) layers.push(colourOf(fill));
        }
      } else {
        layers.push(colourOf(getComputedStyle(one).backgroundColor));
      }
      if (layers.some((layer) => layer[3] === 1)) break;
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]);
  };
  const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest(".unseen, .skip");
  const faint = (element) => {
    let all = 1;
    for (let one = element; one; one = one.parentElement) all *= Number(getComputedStyle(one).opacity);
    return all;
  };
  const tell = (element, text) => `${text} (${element.tagName.toLowerCase()} ${element.getAttribute("class") ?? ""})`;

  const contrast = () => {
    const wrong = new Set();
    const measure = (element, style, text) => {
      const [r, g, b, a] = colourOf(element instanceof SVGElement ? style.fill : style.color);
      const under = behind(element);
      const found = ratio(over([r, g, b, a * faint(element)], under), under);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (found < (large ? 3 : 4.5)) wrong.add(tell(element, `${text.slice(0, 40)}: ${found.toFixed(2)}`));
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      const text = texts.currentNode.textContent.trim();
      // What cannot be used now need not be read: WCAG leaves it out.
      if (!text || !isSeen(element) || element.closest(":disabled, script, style, option")) continue;
      measure(element, getComputedStyle(element), text);
    }
    for (const field of document.querySelectorAll("input, textarea, select")) {
      if (!isSeen(field) || field.disabled) continue;
      measure(field, getComputedStyle(field), `field ${field.value}`);
      if (field.placeholder) measure(field, getComputedStyle(field, "::placeholder"), field.placeholder);
    }
    return [...wrong];
  };

  /** What stands out at the right, but for what scrolls within itself. */
  const overflow = () => {
    const width = document.documentElement.clientWidth;
    const wrong = [];
    if (document.documentElement.scrollWidth > width) wrong.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const element of document.querySelectorAll("#page *")) {
      const box = element.getBoundingClientRect();
      if (box.right <= width + 1 || !isSeen(element)) continue;
      let within = element.parentElement;
      while (within && getComputedStyle(within).overflowX === "visible") within = within.parentElement;
      if (!within || within === document.body || within === document.documentElement)
        wrong.push(tell(element, `${Math.round(box.right)} of ${width}`));
    }
    return wrong;
  };

  return { contrast: contrast(), overflow: overflow() };
}
