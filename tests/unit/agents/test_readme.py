"""The examples of the README run as they stand there."""

import re
import textwrap
from pathlib import Path

import pytest

README = Path(__file__).parents[3] / "packages/agents/README.md"


def test_the_example_agents_run_and_answer(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    exec(compile("\n".join(blocks), str(README), "exec"), {"__name__": "example"})
    assert capsys.readouterr().out == textwrap.dedent("""\
        {'issue': 7, 'explanation': 'Import stops The import stops at row 500. Row 500 holds a comma.'}
        a boat with 24 seats, decked out as pirate: a boat on the lake {'min': 720, 'max': 1080}
        """)


def test_the_example_agent_is_written_in_about_ten_lines() -> None:
    (agent, *_) = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    assert len([row for row in agent.splitlines() if row.strip()]) <= 10
