// Starts a plan and watches it: node examples/watch.mjs http://127.0.0.1:3004 party "space party for 20 kids"
// Node 22 has a WebSocket of its own; Node 20.10 and newer has it with --experimental-websocket.
import { Api, isReference, LiveSocket } from "../dist/client/index.js";

const [base = "http://127.0.0.1:3004", blueprint = "party", prompt = "space theme for 20 kids, a venue in Austin, chocolate cake, pizza buffet, balloons"] =
  process.argv.slice(2);

const api = new Api({ base });
const live = new LiveSocket({ base });

const { execution_id: id } = await api.post("/api/v1/executions", { blueprint, prompt });
console.log(`${blueprint} ${id}`);

const stop = live.watch(id, {
  after: 0,
  onEvent: async (event) => {
    console.log(String(event.sequence).padStart(4), event.type.padEnd(22), event.agentId || event.department, summaryOf(event));
    if (event.type !== "orchestration-complete") return;
    // What is large stands behind a reference, which the API resolves.
    const { result } = isReference(event.result) ? await api.get(event.result.$ref) : event;
    console.log(JSON.stringify(result, null, 2).slice(0, 600));
    stop();
    live.close();
  },
  onError: (error) => {
    console.error(`${error.code}: ${error.message}`);
    live.close();
    process.exitCode = 1;
  },
});

function summaryOf(event) {
  switch (event.type) {
    case "agent-thinking":
      return event.text;
    case "agent-complete":
      return `${event.status}, ${event.tokensUsed} tokens`;
    case "quality-check":
      return `${event.score} of 100`;
    case "review-status":
      return `${event.status}: ${event.notes}`;
    case "tool-call":
      return event.toolName;
    default:
      return event.status ?? "";
  }
}
