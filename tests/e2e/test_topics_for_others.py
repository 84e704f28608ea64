"""Others read the topics with a plain Kafka consumer and the protos: the ten lines that docs/topics.md shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.kinds import only
from tests.e2e.running import until
from tests.e2e.stack import Stack
from tests.servers import kafka_address

ROOT = Path(__file__).resolve().parents[2]
BUF = Path(sys.executable).with_name("buf")


def shown() -> str:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/topics.md").read_text(), flags=re.DOTALL)
    return str(program)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    subprocess.run([BUF, "build", ROOT / "protos", "-o", tmp_path / "reveille.binpb"], check=True)
    (tmp_path / "read_topic.py").write_text(shown())
    return tmp_path


@only("stack", reason="one process has no topics")
def test_what_the_page_shows_reads_what_the_planner_decided(shared: Stack, folder: Path) -> None:
    execution = shared.run("worker")["id"]
    told = folder / "told"
    with told.open("w") as out:
        reading = subprocess.Popen(
            [sys.executable, "read_topic.py", kafka_address(), f"{shared.topic_prefix}.planner.events.v1"],
            cwd=folder,
            stdout=out,
            # Nothing of ours: a stranger has the protos and no package.
            env={"PATH": os.environ["PATH"]},
        )
    try:
        stream = f"default.execution-{execution}"
        types = ["ExecutionStarted", "StepPlanned", "StepReady", "StepCompleted", "ExecutionCompleted"]
        lines = [f"{stream} reveille.planner.v1.{name} " for name in types]
        until(lambda: all(line in told.read_text() for line in lines), "every event of the execution is read")
    finally:
        reading.kill()
        reading.wait()
    assert f'execution_id: "{execution}"' in told.read_text()
