"""Kafka: one node that is broker and controller, from jars."""

import base64
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.native import kafka_jars
from deploy.native.kafka_jars import Say
from deploy.native.ports import HOST, free_ports
from deploy.native.process import Process
from deploy.native.programs import find
from reveille.kernel.errors import Misconfigured

# 512 MB is what it needs under load here; the serial collector takes no thread from what runs beside it on two cores.
JVM: Final = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-Djava.awt.headless=true")
LOGGING: Final = Path(__file__).with_name("kafka-log4j2.properties")
PROBE_SECONDS: Final = 5.0
METADATA: Final = 3
CLIENT: Final = b"probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One more port. protocol: such as SASL_SSL. settings: those that Kafka has for a listener, without its name."""

    name: str
    protocol: str
    port: int
    settings: Mapping[str, str]


def kafka(
    folder: Path, *, say: Say = lambda line: None, listeners: Sequence[Listener] = (), scram: Sequence[str] = ()
) -> Process["KafkaProgram"]:
    """Its address is what clients call bootstrap servers.

    scram: users who are made with it, as its tool wants them: `SCRAM-SHA-256=[name=…,password=…]`.
    """
    return Process(KafkaProgram(folder, say=say, listeners=listeners, scram=scram), folder)


class KafkaProgram:
    name: Final = "kafka"
    stop_signal: Final = signal.SIGTERM
    # It hands its partitions back and writes its state before it ends.
    grace: Final = 30.0

    def __init__(
        self,
        folder: Path,
        *,
        say: Say = lambda line: None,
        listeners: Sequence[Listener] = (),
        scram: Sequence[str] = (),
    ) -> None:
        self._log_folder = folder / self.name
        self._properties = folder / f"{self.name}.properties"
        self._port = free_ports(2)
        self._say = say
        self._listeners = listeners
        self._scram = scram
        self._classpath = ""

    @property
    def ports(self) -> Sequence[int]:
        return self._port, self._port + 1

    @property
    def about(self) -> Mapping[str, str]:
        return {"address": f"{HOST}:{self._port}"}

    @property
    def environment(self) -> Mapping[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}

    def prepare(self) -> None:
        self._classpath = f"{kafka_jars.fetch(say=self._say)}/*"
        if not self._log_folder.exists():
            self._format()
        self._write_properties(self._log_folder)

    def command(self) -> Sequence[str]:
        logging = f"-Dlog4j2.configurationFile={LOGGING}"
        return [find("java"), *JVM, logging, "-cp", self._classpath, "kafka.Kafka", str(self._properties)]

    def answers(self) -> bool:
        return answers(HOST, self._port)

    def _format(self) -> None:
        """Under another name, and renamed when it is done: a folder that is there is formatted."""
        fresh = self._log_folder.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._write_properties(fresh)
        tool = ["kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(self._properties)]
        tool += [part for user in self._scram for part in ("--add-scram", user)]
        command = [find("java"), *JVM, f"-Dlog4j2.configurationFile={LOGGING}", "-cp", self._classpath, *tool]
        done = subprocess.run(command, capture_output=True, text=True, env=dict(self.environment), check=False)
        if done.returncode:
            lines = f"{done.stdout}{done.stderr}".strip().splitlines() or ["it says no reason"]
            raise Misconfigured(f"Kafka could not format {fresh}: {lines[-1].strip()}")
        fresh.rename(self._log_folder)

    def _write_properties(self, log_folder: Path) -> None:
        more = [f"{one.name}://{HOST}:{one.port}" for one in self._listeners]
        settings: dict[str, object] = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{HOST}:{self._port + 1}",
            "listeners": ",".join([f"PLAINTEXT://{HOST}:{self._port}", f"CONTROLLER://{HOST}:{self._port + 1}", *more]),
            "advertised.listeners": ",".join([f"PLAINTEXT://{HOST}:{self._port}", *more]),
            "controller.listener.names": "CONTROLLER",
            "log.dirs": log_folder,
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            # A group of one machine need not wait for members that are still starting.
            "group.initial.rebalance.delay.ms": 0,
            # After SIGKILL the controller holds the broker of before for alive until its session ends, and refuses the
            # new one that long: 13 s with what Kafka ships.
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 300,
            # 128 MB of heap stand by for compaction otherwise; what is compacted here is small.
            "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
        }
        settings |= self._more()
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def _more(self) -> dict[str, object]:
        if not self._listeners:
            return {}
        names = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT"} | {
            one.name: one.protocol for one in self._listeners
        }
        protocols = ",".join(f"{name}:{protocol}" for name, protocol in names.items())
        told: dict[str, object] = {"listener.security.protocol.map": protocols}
        for one in self._listeners:
            told |= {f"listener.name.{one.name.lower()}.{key}": value for key, value in one.settings.items()}
        return told


def answers(host: str, port: int) -> bool:
    """Whether a broker answers that knows of a live broker and of a controller.

    Asked by hand: a client would retry, and this question is whether there is anything to retry.
    """
    # Metadata, version 1, about no topic.
    body = struct.pack(f">hhih{len(CLIENT)}si", METADATA, 1, 1, len(CLIENT), CLIENT, 0)
    try:
        with socket.create_connection((host, port), PROBE_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            with connection.makefile("rb") as stream:
                (length,) = struct.unpack(">i", stream.read(4))
                answer = stream.read(length)
            return _names_broker_and_controller(answer)
    except (OSError, struct.error):
        return False


def _names_broker_and_controller(answer: bytes) -> bool:
    """Raises struct.error on one that was cut off."""
    (brokers,) = struct.unpack_from(">i", answer, 4)
    at = 8
    for _ in range(brokers):
        (host,) = struct.unpack_from(">h", answer, at + 4)
        at += 4 + 2 + host + 4
        (rack,) = struct.unpack_from(">h", answer, at)
        at += 2 + max(rack, 0)
    (controller,) = struct.unpack_from(">i", answer, at)
    return bool(brokers > 0 and controller >= 0)


def _cluster_id() -> str:
    """16 bytes in Base64 that Kafka's tools do not take for an option."""
    while (text := base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")).startswith("-"):
        pass
    return text
