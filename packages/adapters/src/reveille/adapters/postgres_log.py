"""The log in PostgreSQL: its tables, the function that appends, and the rows that come and go.

Positions have no gap and rise in the order of commits, so that who reads on from a position never skips an event. For
that, appends take turns: each holds one lock of the database from before it looks at the last position until it is
committed. PostgreSQL gives the lock back after the commit can be seen, so that the next one sees all of it. The cost:
the appends of all processes go one after the other, each with its own flush to the disk, so that one database commits
some thousand groups a second whoever sends them; therefore a process sends what waits as one group. A group that
writes nothing (checks, repetitions, conflicts) flushes nothing.

There is no table of streams and none of heads: a stream's head is the last entry of an index, and no row of the log
is ever changed, so that nothing needs to be cleaned up behind it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from reveille.adapters.postgres_schema import LOCK_ROOM, TURN_LOCK
from reveille.kernel.event_store import Append, Appended, Conflict
from reveille.kernel.events import About, Meta, New, Origin, Recorded

CHANNEL: Final = "reveille_log"

COLUMNS: Final = (
    "position, stream, revision, id, type, data, time, correlation, trace, hop, "
    "cause, sender, cause_partition, cause_position, replica"
)
_VALUES: Final = (
    "stream, revision, id, type, data, time, correlation, trace, hop, "
    "cause, sender, cause_partition, cause_position, replica"
)
_ARRAYS: Final = (
    "event_streams, revisions, ids, types, contents, times, correlations, traces, hops, "
    "causes, senders, cause_partitions, cause_positions, replicas"
)
_EVENTS: Final = f"unnest(owners, {_ARRAYS}) WITH ORDINALITY AS new (owner, {_VALUES}, number)"

SCRIPTS: Final = (
    f"""
CREATE TABLE log.events (
    position bigint PRIMARY KEY, stream text COLLATE "C" NOT NULL, revision integer NOT NULL, id bytea NOT NULL,
    type text NOT NULL, data bytea NOT NULL, time bigint NOT NULL, correlation text NOT NULL, trace text NOT NULL,
    hop integer NOT NULL, cause bytea NOT NULL, sender text NOT NULL, cause_partition integer NOT NULL,
    cause_position bigint NOT NULL, replica text NOT NULL,
    category text NOT NULL
        GENERATED ALWAYS AS (split_part(substr(stream, strpos(stream, '.') + 1), '-', 1)) STORED
);
-- To compress what is large would take longer than to write it, while all others wait for their turn.
ALTER TABLE log.events ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX events_of_stream ON log.events (stream, revision);
CREATE TABLE log.snapshots (stream text COLLATE "C" PRIMARY KEY, data bytea NOT NULL);

-- streams, expected: one for each append; a stream occurs once. owners and what follows: one for each event, in the
-- order of the appends; an owner is the number of its append, from 1. Answers where the log stood before, where each
-- stream stood, and, where not all were as expected, the last position of each append that had been made before.
-- tell: whether who listens is to hear of it now.
CREATE FUNCTION log.append(
    streams text[], expected integer[], owners integer[], event_streams text[], revisions integer[], ids bytea[],
    types text[], contents bytea[], times bigint[], correlations text[], traces text[], hops integer[],
    causes bytea[], senders text[], cause_partitions integer[], cause_positions bigint[], replicas text[], tell boolean,
    OUT head bigint, OUT actual integer[], OUT repeated bigint[]
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    written bigint;
BEGIN
    PERFORM pg_advisory_xact_lock({LOCK_ROOM}, {TURN_LOCK});
    SELECT coalesce(max(position), 0) INTO head FROM log.events;
    SELECT array_agg(coalesce(
        (SELECT known.revision FROM log.events known WHERE known.stream = asked.stream
            ORDER BY known.revision DESC LIMIT 1), -1) ORDER BY asked.number)
        INTO actual FROM unnest(streams) WITH ORDINALITY AS asked (stream, number);
    IF actual = expected THEN
        INSERT INTO log.events ({COLUMNS})
            SELECT head + number, {_VALUES} FROM {_EVENTS};
    ELSE
        INSERT INTO log.events ({COLUMNS})
            SELECT head + row_number() OVER (ORDER BY number), {_VALUES} FROM {_EVENTS}
            WHERE actual[owner] = expected[owner];
    END IF;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF actual <> expected THEN
        SELECT array_agg(made.position ORDER BY append.owner) INTO repeated
            FROM generate_series(1, cardinality(streams)) AS append (owner)
            LEFT JOIN (
                SELECT new.owner, max(known.position) AS position FROM {_EVENTS}
                LEFT JOIN log.events known
                    ON known.stream = new.stream AND known.revision = new.revision AND known.id = new.id
                WHERE actual[new.owner] <> expected[new.owner]
                GROUP BY new.owner HAVING count(*) = count(known.position)
            ) made ON made.owner = append.owner;
    END IF;
    IF tell AND written > 0 THEN
        PERFORM pg_notify('{CHANNEL}', (head + written)::text);
    END IF;
END $$;
""",
)

APPEND: Final = f"SELECT head, actual, repeated FROM log.append({', '.join(f'${n}' for n in range(1, 19))})"
TELL: Final = f"SELECT pg_notify('{CHANNEL}', $1)"
HEAD: Final = "SELECT coalesce(max(position), 0) FROM log.events"
AFTER: Final = f"SELECT {COLUMNS} FROM log.events WHERE position > $1 ORDER BY position LIMIT $2"
# A scan: who follows a category reads nearly everything anyway, and an index would cost every append.
AFTER_IN_CATEGORY: Final = (
    f"SELECT {COLUMNS} FROM log.events WHERE position > $1 AND category = $3 ORDER BY position LIMIT $2"
)
STREAMS: Final = f"""
SELECT known.* FROM unnest($1::text[], $2::integer[]) AS asked (stream, after) CROSS JOIN LATERAL (
    SELECT {COLUMNS} FROM log.events WHERE stream = asked.stream AND revision > asked.after ORDER BY revision
) known ORDER BY known.stream, known.revision
"""
BACKWARDS: Final = f"SELECT {COLUMNS} FROM log.events WHERE stream = $1 ORDER BY revision DESC LIMIT $2"
ONE: Final = f"SELECT {COLUMNS} FROM log.events WHERE stream = $1 AND revision = $2"
AT: Final = f"SELECT {COLUMNS} FROM log.events WHERE position = ANY ($1::bigint[]) ORDER BY position"
ID_AT: Final = "SELECT id FROM log.events WHERE position = $1"
SNAPSHOT: Final = "SELECT data FROM log.snapshots WHERE stream = $1"
SAVE_SNAPSHOT: Final = (
    "INSERT INTO log.snapshots VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET data = excluded.data"
)

Decode = Callable[[str, bytes], Message | None]


def parameters(appends: Sequence[Append]) -> tuple[list[Any], ...]:
    """Of APPEND; no stream may occur twice."""
    owners: list[int] = []
    streams: list[str] = []
    revisions: list[int] = []
    events: list[New] = []
    for number, append in enumerate(appends, 1):
        count = len(append.events)
        owners += [number] * count
        streams += [append.stream] * count
        revisions += range(append.expected + 1, append.expected + 1 + count)
        events += append.events
    metas = [event.meta for event in events]
    abouts = [meta.about for meta in metas]
    origins = [meta.origin for meta in metas]
    return (
        [append.stream for append in appends],
        [append.expected for append in appends],
        owners,
        streams,
        revisions,
        [event.id for event in events],
        [event.type for event in events],
        [event.data for event in events],
        [meta.time for meta in metas],
        [about.correlation for about in abouts],
        [about.trace for about in abouts],
        [about.hop for about in abouts],
        [origin.cause for origin in origins],
        [origin.sender for origin in origins],
        [origin.partition for origin in origins],
        [origin.position for origin in origins],
        [meta.replica for meta in metas],
    )


def results(appends: Sequence[Append], row: Any) -> tuple[list[Appended | Conflict], list[Recorded]]:
    """What the answer of APPEND means for each append, and what was written, in the order of positions."""
    position, actual, repeated = row
    outcomes: list[Appended | Conflict] = []
    recorded: list[Recorded] = []
    for number, append in enumerate(appends):
        stream, revision = append.stream, actual[number]
        if revision == append.expected:
            for new in append.events:
                position += 1
                revision += 1
                recorded.append(Recorded(new.id, new.type, new.data, new.meta, new.msg, position, stream, revision))
            outcomes.append(Appended(revision, position))
        elif repeated is not None and repeated[number] is not None:
            outcomes.append(Appended(append.expected + len(append.events), repeated[number], repeated=True))
        else:
            outcomes.append(Conflict(stream, append.expected, revision))
    return outcomes, recorded


class RecordedRow(Recorded):
    """An event as the server gave it; its message and its metadata are made when somebody looks at them.

    Every process follows all events and looks at few: to make them all takes five times as long.
    """

    __slots__ = ("_decode", "_meta", "_msg", "_row")

    def __init__(self, row: Any, decode: Decode) -> None:
        self.position, self.stream, self.revision, self.id, self.type, self.data = row[:6]
        self.keys, self.unreadable = (), ""
        self._row = row
        self._decode: Decode | None = decode
        self._meta: Meta | None = None

    @property
    def msg(self) -> Message | None:
        if self._decode is not None:
            self._msg = self._decode(self.type, self.data)
            self._decode = None
        return self._msg

    @msg.setter
    def msg(self, msg: Message | None) -> None:
        self._msg, self._decode = msg, None

    @property
    def meta(self) -> Meta:
        if self._meta is None:
            time, correlation, trace, hop, *origin, replica = self._row[6:]
            self._meta = Meta(time, About(correlation, trace, hop), Origin(*origin), replica)
            self._row = None
        return self._meta

    @meta.setter
    def meta(self, meta: Meta) -> None:
        self._meta = meta
