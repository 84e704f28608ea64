"""The servers that a cluster runs on, in one folder."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from deploy.native.kafka_jars import Say
from deploy.native.kafka_server import kafka
from deploy.native.postgres_server import postgres
from deploy.native.redis_server import redis
from deploy.native.together import each, together


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """postgres: the maintenance database, as superuser. kafka: host:port. redis: a URL."""

    postgres: str
    kafka: str
    redis: str


class Servers:
    """Kafka, PostgreSQL and Redis. Used with `with` they start, and end with it."""

    def __init__(self, folder: Path, *, say: Say = lambda line: None) -> None:
        self.folder = folder
        self.kafka = kafka(folder, say=say)
        self.postgres = postgres(folder)
        self.redis = redis(folder)
        self._all = (self.kafka, self.postgres, self.redis)

    @property
    def addresses(self) -> Addresses:
        return Addresses(postgres=self.postgres.address, kafka=self.kafka.address, redis=self.redis.address)

    def start(self) -> None:
        """All or none."""
        try:
            together(all_of=[one.start for one in self._all], otherwise=self.kill)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        each([one.stop for one in self._all])

    def kill(self) -> None:
        each([one.kill for one in self._all])

    def leave(self) -> None:
        """Let them run on without this process."""
        for one in self._all:
            one.leave()

    def __enter__(self) -> "Servers":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
