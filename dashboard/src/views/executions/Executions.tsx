import { useState } from "react";
import type { Agent, BlueprintSummary, Execution, ExecutionSummary, List } from "../../client";
import { useRead } from "../../client/react";
import { go, hrefOf, useQuery } from "../../shell/router";
import { Button, choicesOf, EmptyState, ErrorBox, Page, SearchField, SelectField, Skeleton, Toolbar, useRefusal } from "../../ui";
import { ExecutionTable } from "./ExecutionTable";
import { isId, matches, MOST, PAGE, STATUSES, summaryOf } from "./rows";
import { StartForm } from "./StartForm";
import "./executions.css";

export function Executions() {
  const [status, setStatus] = useQuery("status");
  const [blueprint, setBlueprint] = useQuery("blueprint");
  const [agent, setAgent] = useQuery("agent");
  const [text, setText] = useQuery("q");
  const [start, setStart] = useQuery("start");
  const refusal = useRefusal("plan");
  const [limit, setLimit] = useState(PAGE);
  const blueprints = useRead<List<BlueprintSummary>>("/api/v1/blueprints", { areas: ["fleet"] });
  const agents = useRead<List<Agent>>("/api/v1/agents", { areas: ["fleet"] });
  const query = { status, blueprint, agent, limit, summary: true };
  const list = useRead<List<ExecutionSummary>>("/api/v1/executions", { query, areas: ["executions"] });

  const items = list.value?.items;
  const shown = items?.filter((execution) => matches(execution, text));
  const sought = text.trim();
  // Older ones than those that are listed are found by a whole id: the execution's, or its conversation's.
  const whole = shown?.length === 0 && isId(sought);
  const one = useRead<Execution>(whole ? `/api/v1/executions/${sought}` : null);
  const talk = useRead<List<ExecutionSummary>>(whole ? "/api/v1/executions" : null, {
    query: { conversation_id: sought, limit: MOST, summary: true },
    areas: ["executions"],
  });
  const found = one.value?.id === sought ? [summaryOf(one.value)] : (talk.value?.items ?? []);
  const rows = shown?.length === 0 ? found : shown;
  const filtered = Boolean(status || blueprint || agent);
  const opened = (execution: ExecutionSummary) => go(hrefOf(["executions", execution.id]));

  return (
    <Page
      title="Executions"
      about={items && (list.value?.next ? `the newest ${items.length}` : `${items.length}`)}
      actions={
        <Button kind="primary" needs="plan" onClick={() => setStart("1")}>
          Start an execution
        </Button>
      }
    >
      <Toolbar label="executions">
        <SearchField
          label="Search executions"
          placeholder="What it is about, id, agent, rule  ( / )"
          value={text}
          onChange={setText}
        />
        <SelectField label="Status" value={status} onChange={setStatus} choices={choicesOf("all", STATUSES)} />
        <SelectField
          label="Blueprint"
          value={blueprint}
          onChange={setBlueprint}
          choices={choicesOf("all", namesWith(blueprints.value?.items.map(({ name }) => name), blueprint))}
        />
        <SelectField
          label="Agent"
          value={agent}
          onChange={setAgent}
          choices={choicesOf("all", namesWith(agents.value?.items.map(({ id }) => id), agent))}
        />
      </Toolbar>
      {list.error !== null && (
        <ErrorBox error={list.error} what="The executions could not be read" onRetry={list.again} />
      )}
      {!items && list.error === null && <Skeleton lines={8} label="loading the executions" />}
      {rows && rows.length > 0 && <ExecutionTable rows={rows} onOpen={opened} />}
      {items?.length === 0 && !filtered && !rows?.length && (
        <EmptyState
          title="Nothing has happened yet"
          command={'reveille trigger cursor-ide-agent --payload \'{"task": "say hello"}\''}
        >
          An execution begins when a signal wakes an agent, or when somebody starts a plan.
        </EmptyState>
      )}
      {rows?.length === 0 && (filtered || (items?.length ?? 0) > 0) && (
        <EmptyState title="No execution is like that">
          {sought ? "The search looks at those listed here, and for a whole id at all of them." : "Take a filter away."}
        </EmptyState>
      )}
      {list.value?.next && limit < MOST && (
        <div className="row more-rows">
          <Button onClick={() => setLimit(Math.min(MOST, limit + PAGE * 2))} disabled={list.loading}>
            Show more
          </Button>
        </div>
      )}
      {start && refusal === null && <StartForm blueprints={blueprints.value?.items ?? []} onClose={() => setStart("")} />}
    </Page>
  );
}

/** What is chosen stays among the choices, also where the fleet has it no more. */
function namesWith(names: string[] | undefined, chosen: string): string[] {
  return [...new Set([...(names ?? []), ...(chosen ? [chosen] : [])])].sort();
}
