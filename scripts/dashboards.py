"""What Grafana shows: each dashboard's rows of panels, as data. What is made of them is in generate_dashboards.py.

What is the same on every replica of ingress is taken once (`max by`), the rest summed. $of is the selection by service,
$whose the one by tenant, $every the time over which rates are taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """queries: legend and expression. red: from where on it is alarming; None: nowhere. single: one number of now."""

    title: str
    about: str
    unit: str
    queries: Sequence[tuple[str, str]]
    red: float | None = None
    single: bool = False
    stacked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """rows: what stands side by side, below a heading. variables: `service`, `tenant`."""

    name: str
    title: str
    about: str
    rows: Sequence[tuple[str, Sequence[Panel]]]
    variables: Sequence[str] = ()


def number(title: str, about: str, unit: str, query: str, *, red: float | None = None) -> Panel:
    return Panel(title=title, about=about, unit=unit, queries=[("", query)], red=red, single=True)


def lines(
    title: str, about: str, unit: str, *queries: tuple[str, str], red: float | None = None, stacked: bool = False
) -> Panel:
    return Panel(title=title, about=about, unit=unit, queries=queries, red=red, stacked=stacked)


def quantiles(title: str, about: str, histogram: str, labels: str = "", *, by: str = "") -> Panel:
    """The median and the slowest of a hundred; by: a label that parts them."""
    groups = f"{by}, le" if by else "le"
    selected = f"{{{labels}}}" if labels else ""
    return lines(
        title,
        about,
        "s",
        *(
            (
                f"p{share * 100:g}{f' {{{{{by}}}}}' if by else ''}",
                f"histogram_quantile({share:g}, sum by ({groups}) (rate({histogram}_bucket{selected}[$every])))",
            )
            for share in (0.5, 0.99)
        ),
    )


_UP: Final = 'up{job=~".*reveille.*"}'

FLEET: Final = Dashboard(
    name="fleet",
    title="Reveille: fleet",
    about="Whether it runs, who is awake, and what comes of it.",
    variables=["tenant"],
    rows=[
        (
            "Now",
            [
                number("Replicas", "Processes that answer on their admin port.", "short", f"sum({_UP})"),
                number("Away", "Known, and without an answer.", "short", f"count({_UP} == 0) or vector(0)", red=1),
                number(
                    "Not ready", "They say themselves why.", "short", "count(reveille_ready == 0) or vector(0)", red=1
                ),
                number(
                    "Asleep",
                    "Agents that wait for an event and cost nothing.",
                    "short",
                    'sum(max by (tenant, state) (reveille_agents{state="dormant", $whose}))',
                ),
                number("At work", "Skills that run now.", "short", "sum(reveille_runs_running)"),
                number(
                    "Dead letters",
                    "Messages that wait for somebody's decision.",
                    "short",
                    "sum(max by (tenant, inbox) (reveille_dead_letters_open{$whose}))",
                    red=1,
                ),
            ],
        ),
        (
            "Agents",
            [
                lines(
                    "Agents by state",
                    "All agents of the fleets in force.",
                    "short",
                    ("{{state}}", "sum by (state) (max by (tenant, state) (reveille_agents{$whose}))"),
                    stacked=True,
                ),
                lines(
                    "Wakes",
                    "First attempts that signals woke.",
                    "wpm",
                    ("wakes", "60 * sum(rate(reveille_wake_seconds_count[$every]))"),
                ),
            ],
        ),
        (
            "Work",
            [
                lines(
                    "Runs that ended",
                    "By how they ended.",
                    "short",
                    ("{{outcome}}", "sum by (outcome) (increase(reveille_run_seconds_count[$every]))"),
                ),
                lines(
                    "What waits",
                    "Runs for their agents, reservations for tokens.",
                    "short",
                    ("runs {{tenant}}", "max by (tenant) (reveille_runs_queued{$whose})"),
                    ("reservations {{tenant}}", "max by (tenant) (reveille_reservations_waiting{$whose})"),
                ),
                lines(
                    "Models that are left alone",
                    "1: the breaker before the model is not closed in some process.",
                    "short",
                    ("{{model}}", '1 - min by (model) (reveille_breaker_state{state="closed"})'),
                ),
                lines(
                    "Calls of models",
                    "By model and outcome.",
                    "reqps",
                    (
                        "{{model}} {{outcome}}",
                        "sum by (model, outcome) (rate(reveille_model_call_seconds_count[$every]))",
                    ),
                ),
            ],
        ),
    ],
)

PIPELINE: Final = Dashboard(
    name="pipeline",
    title="Reveille: pipeline",
    about="From the doors through the log and the bus to decisions and views: where something waits.",
    variables=["service"],
    rows=[
        (
            "The doors",
            [
                lines(
                    "Requests by door",
                    "All that were answered.",
                    "reqps",
                    ("{{door}}", "sum by (door) (rate(reveille_http_requests_total[$every]))"),
                    stacked=True,
                ),
                lines(
                    "Refusals and faults",
                    "4xx: the sender's; 5xx: ours.",
                    "reqps",
                    (
                        "{{door}} {{status}}",
                        'sum by (door, status) (rate(reveille_http_requests_total{status=~"[45].."}[$every]))',
                    ),
                ),
                lines(
                    "Live messages that Redis did not take",
                    "Whoever looks on gets them from the log, a little later.",
                    "mps",
                    ("{{service}}", "sum by (service) (rate(reveille_fanout_lost_total{$of}[$every]))"),
                ),
            ],
        ),
        (
            "The log",
            [
                lines(
                    "Events appended",
                    "By who appended them.",
                    "eps",
                    ("{{service}}", "sum by (service) (rate(reveille_events_appended_total{$of}[$every]))"),
                    stacked=True,
                ),
                lines(
                    "The ten most frequent types",
                    "Of events.",
                    "eps",
                    ("{{type}}", "topk(10, sum by (type) (rate(reveille_events_appended_total{$of}[$every])))"),
                ),
                lines(
                    "Appends that failed",
                    "A conflict is two who wrote at once, and is tried again; anything else is wrong.",
                    "ops",
                    (
                        "{{service}} {{reason}}",
                        "sum by (service, reason) (rate(reveille_store_append_failures_total{$of}[$every]))",
                    ),
                ),
            ],
        ),
        (
            "The bus",
            [
                lines(
                    "Relays: age of what is not published",
                    "0: all is on Kafka.",
                    "s",
                    ("{{service}}", "max by (service) (reveille_relay_lag_seconds{$of})"),
                    red=30,
                ),
                lines(
                    "Inboxes: age of the oldest message",
                    "0: nothing waits.",
                    "s",
                    ("{{service}}", "max by (service) (reveille_inbox_lag_seconds{$of})"),
                    red=60,
                ),
                lines(
                    "Inboxes: messages that wait",
                    "Over all partitions.",
                    "short",
                    ("{{service}}", "sum by (service) (reveille_inbox_lag_messages{$of})"),
                ),
            ],
        ),
        (
            "Decisions and views",
            [
                lines(
                    "Messages answered",
                    "`retried` counts attempts.",
                    "mps",
                    (
                        "{{service}} {{outcome}}",
                        "sum by (service, outcome) (rate(reveille_inbox_messages_total{$of}[$every]))",
                    ),
                ),
                lines(
                    "Waiting to be decided on",
                    "Messages, timers and reports within the processes.",
                    "short",
                    ("{{service}}", "sum by (service) (reveille_desk_waiting{$of})"),
                ),
                lines(
                    "Views: age of what they have not taken in",
                    "0: answers are of now.",
                    "s",
                    ("{{service}}", "max by (service) (reveille_view_lag_seconds{$of})"),
                    red=60,
                ),
                lines(
                    "Dead letters",
                    "That nobody has decided about.",
                    "short",
                    ("{{tenant}} {{inbox}}", "max by (tenant, inbox) (reveille_dead_letters_open)"),
                    red=1,
                ),
            ],
        ),
    ],
)

_LEFT: Final = (
    "max by (tenant, account) (reveille_account_left_tokens{$whose}) "
    "/ max by (tenant, account) (reveille_account_limit_tokens{$whose})"
)

BUDGETS: Final = Dashboard(
    name="budgets",
    title="Reveille: budgets",
    about="Tokens and money: what is left, who uses them, and what was saved against polling.",
    variables=["tenant"],
    rows=[
        (
            "Now",
            [
                number(
                    "Left of the scarcest account", "Of accounts that have a limit.", "percentunit", f"min({_LEFT})"
                ),
                number(
                    "Reservations that wait",
                    "For tokens.",
                    "short",
                    "sum(max by (tenant) (reveille_reservations_waiting{$whose}))",
                    red=1,
                ),
                number(
                    "Tokens of the last day",
                    "As they were charged.",
                    "short",
                    "sum(max by (tenant, agent, model, part) (reveille_last_day_tokens{$whose}))",
                ),
                number(
                    "Cost of the last day",
                    "At the fleet's prices and in its currency; nothing where a price is missing.",
                    "short",
                    "sum(max by (tenant, currency) (reveille_last_day_cost{$whose}))",
                ),
                number(
                    "Saved against polling",
                    "Nothing where the fleet has no baseline.",
                    "percentunit",
                    "avg(max by (tenant) (reveille_tokens_saved_ratio{$whose}))",
                ),
            ],
        ),
        (
            "Accounts",
            [
                lines(
                    "Left", "Share of the limit, by kind of account.", "percentunit", ("{{tenant}} {{account}}", _LEFT)
                ),
                lines(
                    "Used and reserved",
                    "Of accounts of today, and of executions.",
                    "short",
                    ("used {{tenant}} {{account}}", "max by (tenant, account) (reveille_account_used_tokens{$whose})"),
                    (
                        "reserved {{tenant}} {{account}}",
                        "max by (tenant, account) (reveille_account_reserved_tokens{$whose})",
                    ),
                ),
            ],
        ),
        (
            "Agents",
            [
                lines(
                    "Tokens by agent",
                    "In an hour, at the rate of now.",
                    "short",
                    (
                        "{{tenant}} {{agent}}",
                        "3600 * max by (tenant, agent) (rate(reveille_agent_tokens_total{$whose}[$every]))",
                    ),
                    stacked=True,
                ),
                lines(
                    "Left for today by agent",
                    "Of agents that have a limit.",
                    "short",
                    ("{{tenant}} {{agent}}", "max by (tenant, agent) (reveille_agent_tokens_left{$whose})"),
                ),
                lines(
                    "Last day's tokens by model",
                    "In and out; `other`: nobody can tell them apart.",
                    "short",
                    (
                        "{{model}} {{part}}",
                        "sum by (model, part) (max by (tenant, agent, model, part) (reveille_last_day_tokens{$whose}))",
                    ),
                    stacked=True,
                ),
            ],
        ),
    ],
)

LATENCY: Final = Dashboard(
    name="latency",
    title="Reveille: latency",
    about="How long each part takes, in the order in which a signal passes through them.",
    variables=["service"],
    rows=[
        (
            "The whole way",
            [
                quantiles(
                    "From signal to agent",
                    "From the receipt of the last of its signals to the entering of the skill.",
                    "reveille_wake_seconds",
                ),
                quantiles("Requests by door", "To the end of the answer.", "reveille_http_request_seconds", by="door"),
            ],
        ),
        (
            "Its parts",
            [
                quantiles("Appends", "Until they are durable.", "reveille_store_append_seconds", "$of", by="service"),
                quantiles(
                    "Messages",
                    "From receiving to having answered.",
                    "reveille_inbox_handling_seconds",
                    "$of",
                    by="service",
                ),
                quantiles(
                    "The loop's lag", "How late tasks are woken.", "reveille_loop_lag_seconds", "$of", by="service"
                ),
            ],
        ),
        (
            "Agents",
            [
                quantiles("Runs", "From start to end.", "reveille_run_seconds", by="outcome"),
                quantiles("Calls of models", "With all their waiting.", "reveille_model_call_seconds", by="model"),
                quantiles("Calls of tools", "With all their waiting.", "reveille_tool_call_seconds", by="tool"),
            ],
        ),
    ],
)

_EACH: Final = "{{service}} {{instance}}"

RESOURCES: Final = Dashboard(
    name="resources",
    title="Reveille: resources",
    about="What the processes use, one line for each replica.",
    variables=["service"],
    rows=[
        (
            "Processes",
            [
                lines("Ready", "1: it does its work.", "short", (_EACH, "reveille_ready{$of}")),
                lines("Up since", "Seconds since the start.", "s", (_EACH, "time() - process_start_time_seconds{$of}")),
                lines(
                    "Versions",
                    "Replicas of each; two while an upgrade goes on.",
                    "short",
                    ("{{version}}, Python {{python}}", "count by (version, python) (reveille_build_info{$of})"),
                    stacked=True,
                ),
            ],
        ),
        (
            "CPU and memory",
            [
                lines("CPU", "1 is a whole one.", "short", (_EACH, "rate(process_cpu_seconds_total{$of}[$every])")),
                lines("Memory", "Resident.", "bytes", (_EACH, "process_resident_memory_bytes{$of}")),
                lines(
                    "The loop's lag, p99",
                    "How late tasks are woken.",
                    "s",
                    (
                        _EACH,
                        "histogram_quantile(0.99, "
                        "sum by (service, instance, le) (rate(reveille_loop_lag_seconds_bucket{$of}[$every])))",
                    ),
                    red=0.5,
                ),
            ],
        ),
        (
            "Files, sockets and spans",
            [
                lines("Open files", "Sockets among them.", "short", (_EACH, "process_open_fds{$of}"), red=45_000),
                lines(
                    "WebSockets",
                    "By path.",
                    "short",
                    ("{{socket}}", "sum by (socket) (reveille_sockets_open)"),
                    stacked=True,
                ),
                lines(
                    "Spans",
                    "Taken by the collector, and lost.",
                    "ops",
                    ("exported {{service}}", "sum by (service) (rate(reveille_spans_exported_total{$of}[$every]))"),
                    ("lost {{service}}", "sum by (service) (rate(reveille_spans_dropped_total{$of}[$every]))"),
                ),
            ],
        ),
    ],
)

DASHBOARDS: Final = (FLEET, PIPELINE, BUDGETS, LATENCY, RESOURCES)
