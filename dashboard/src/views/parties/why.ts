// Why steps run again, and what has happened to a plan, out of its log.

export interface LogItem {
  sequence: number;
  position: number;
  type: string;
  at: string;
  summary: string;
  data: Record<string, unknown> | null;
}

export const TELLING = [
  "InputAdded",
  "InputRemoved",
  "StepPlanned",
  "StepInvalidated",
  "StepRestored",
  "StepRemoved",
  "StepSkipped",
  "StepFailed",
  "StepCompleted",
  "ExecutionCompleted",
  "ExecutionCancelled",
] as const;

/** By step: what changed when it was last not right any more; nothing once its earlier result is right again. */
export function whyAgain(items: readonly LogItem[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const item of items) {
    const step = textOf(item.data?.["step"]);
    if (!step) continue;
    const name = nameOf(item.type);
    if (name === "StepInvalidated") found.set(step, becauseOf(item.data?.["changed"]));
    else if (name === "StepRestored" || name === "StepRemoved" || name === "StepPlanned") found.delete(step);
  }
  return found;
}

/** `inputs`, `fact guests`, `result venue`, `step` and `agent` as people say it. */
export function becauseOf(changed: unknown): string {
  const words = (Array.isArray(changed) ? changed : [])
    .filter((one): one is string => typeof one === "string")
    .map(said);
  if (words.length === 0) return "what it rests on changed";
  const last = words.pop();
  return `${words.length ? `${words.join(", ")} and ` : ""}${last} changed`;
}

function said(word: string): string {
  const [kind, name] = word.split(/\s+(.*)/s);
  if (kind === "inputs") return "what was said about it";
  if (kind === "fact" && name) return `the ${name}`;
  if (kind === "result" && name) return `the result of ${name.replace("[]", "")}`;
  if (kind === "step") return "its step in the blueprint";
  if (kind === "agent") return "its agent";
  return word;
}

export function nameOf(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1);
}

export interface Happening {
  sequence: number;
  at: string;
  sign: "+" | "−" | "✓" | "↻" | "✗" | "·";
  text: string;
}

/** The log in a reader's words, the newest first; what an input said is told also when it goes. */
export function happenings(items: readonly LogItem[], most: number): Happening[] {
  const said = new Map<string, string>();
  const found = items.map((item): Happening => {
    const id = textOf(item.data?.["input_id"]);
    const content = item.data?.["content"] as { text?: unknown } | undefined;
    if (id && content) said.set(id, textOf(content.text));
    return { sequence: item.sequence, at: item.at, ...wordsOf(item, said.get(id) ?? "") };
  });
  return found.slice(-most).reverse();
}

function wordsOf(item: LogItem, input: string): Pick<Happening, "sign" | "text"> {
  const step = textOf(item.data?.["step"]);
  switch (nameOf(item.type)) {
    case "InputAdded":
      return { sign: "+", text: input || item.summary };
    case "InputRemoved":
      return { sign: "−", text: input || item.summary };
    case "StepPlanned":
      return { sign: "·", text: `${step} comes into the plan` };
    case "StepCompleted":
      return { sign: "✓", text: `${step} is done` };
    case "StepRestored":
      return { sign: "✓", text: `${step}: what it had come to is right again` };
    case "StepInvalidated":
      return { sign: "↻", text: `${step} runs again: ${becauseOf(item.data?.["changed"])}` };
    case "StepRemoved":
      return { sign: "−", text: `${step} leaves the plan, with its data` };
    case "StepFailed":
    case "StepSkipped":
      return { sign: "✗", text: item.summary };
    default:
      return { sign: "·", text: item.summary };
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
