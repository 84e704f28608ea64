"""What to do about what a platform has to complain of. Each advice names the command."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SERVICE_AWAY: Final = "service_away"
NOT_READY: Final = "not_ready"
STOPPING: Final = "stopping"
KEY_MISMATCH: Final = "key_mismatch"
LOG_AWAY: Final = "log_away"
KAFKA_AWAY: Final = "kafka_away"
VIEWS_AWAY: Final = "views_away"
REDIS_AWAY: Final = "redis_away"
VIEWS_BEHIND: Final = "views_behind"
RELAY_BEHIND: Final = "relay_behind"
RELAY_MISSING: Final = "relay_missing"
INBOX_BEHIND: Final = "inbox_behind"
COLLECTOR_AWAY: Final = "collector_away"
MODEL_AWAY: Final = "model_away"
DEAD_LETTERS: Final = "dead_letters"
FLEET_MISSING: Final = "fleet_missing"
FLEET_LOADING: Final = "fleet_loading"


@dataclass(frozen=True, slots=True)
class Advice:
    """command: `{service}` stands for the one that complains."""

    what: str
    command: str


ADVICE: Final[Mapping[str, Advice]] = {
    SERVICE_AWAY: Advice(
        "start it, its log says in one line what it lacks; or set on ingress where its gRPC is. Its inbox waits for it",
        "reveille serve {service}",
    ),
    NOT_READY: Advice("look at its log, and at /readyz on its admin port", "curl http://HOST:ADMIN_PORT/readyz"),
    STOPPING: Advice("wait until it is back; what is meant for it waits in its inbox", "reveille health"),
    KEY_MISMATCH: Advice(
        "give it the REVEILLE_KEY that ingress has, and start it again", "REVEILLE_KEY=… reveille serve {service}"
    ),
    LOG_AWAY: Advice(
        "start the event store, or set where it is; nothing is lost, and nothing is accepted until then",
        'psql "$REVEILLE_EVENT_STORE" -c "SELECT 1"',
    ),
    KAFKA_AWAY: Advice(
        "start the brokers, or set where they are; what was accepted waits in the log",
        'kafka-broker-api-versions.sh --bootstrap-server "${{REVEILLE_BUS#kafka://}}"',
    ),
    VIEWS_AWAY: Advice(
        "start the database of views, or set where it is; reads wait for it", 'psql "$REVEILLE_VIEWS" -c "SELECT 1"'
    ),
    REDIS_AWAY: Advice(
        "start Redis, or set where it is; live events come by the log meanwhile, a little later",
        'redis-cli -u "$REVEILLE_REDIS_URL" ping',
    ),
    VIEWS_BEHIND: Advice(
        "wait while it catches up; where it stands still, look at its log, or make its views anew",
        "reveille views rebuild",
    ),
    RELAY_BEHIND: Advice(
        "look at the log of the replica that relays: brokers that refuse, or a topic that is gone",
        "reveille serve {service}",
    ),
    RELAY_MISSING: Advice(
        "start a replica of it: none holds the lease by which one publishes what it decides", "reveille serve {service}"
    ),
    INBOX_BEHIND: Advice(
        "look at its log for `holds`: something that a message needs is away; else start more replicas",
        "reveille serve {service} --instance {service}-2",
    ),
    COLLECTOR_AWAY: Advice(
        "start the collector of spans, or set where it is; nothing but traces is lost",
        "OTEL_EXPORTER_OTLP_ENDPOINT=… reveille serve {service}",
    ),
    MODEL_AWAY: Advice(
        "look at its provider's status and limits and at its key, or give its agents another model; it is asked again "
        "by itself, and runs go on without it or fail and are tried again",
        "reveille executions",
    ),
    DEAD_LETTERS: Advice("see why, mend it, then retry or drop them", "reveille deadletters"),
    FLEET_MISSING: Advice("say which agents there are and what wakes them", "reveille fleet apply fleet.yaml"),
    FLEET_LOADING: Advice("wait until it has read the log; where it lasts, look at its log", "reveille health"),
}


def advice_on(code: str, service: str) -> Advice:
    """Of a code that this build does not know: to look closer."""
    found = ADVICE.get(code, ADVICE[NOT_READY])
    return Advice(found.what, found.command.format(service=service))
