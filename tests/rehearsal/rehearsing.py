"""The rehearsal: the version before is renewed by this one under load, and then every service is started again."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from deploy.native.service import COMMAND, SERVICES
from deploy.native.services import Services
from tests.chaos.running import Run, Scenario
from tests.chaos.stack import Replica
from tests.chaos.verdict import Verdict
from tests.rehearsal.figures import Runs, runs_in
from tests.rehearsal.guests import Guests, Party, problems_of
from tests.rehearsal.older import Older
from tests.rehearsal.rolling import Rolling, order
from tests.rehearsal.schemas import newest, schemas_in, told

EVERY_SECONDS: Final = 2.0
STEADY_SECONDS: Final = 8.0
BESIDE_SECONDS: Final = 4.0


class Rehearsal:
    """older: None where nothing but this version is rehearsed. beside, steady: seconds."""

    def __init__(self, older: Older | None, *, beside: float = BESIDE_SECONDS, steady: float = STEADY_SECONDS) -> None:
        self.rolling: Rolling | None = None
        self.parties: Sequence[Party] = ()
        self._older = older
        self._beside = beside
        self._steady = steady
        self._python_path: dict[str, str] = {}

    def scenario(self) -> Scenario:
        what = f"from {self._older.revision} to this version, and " if self._older else ""
        return Scenario(
            name="rehearsal",
            what=f"{what}each service started again, two replicas one after the other",
            faults=self._rehearse,
            seconds=0,
            replicas=dict.fromkeys(SERVICES, 2),
            before=self._go_back,
        )

    def _go_back(self, services: Services) -> None:
        if self._older is not None:
            for one in services:
                settings = one.program.settings
                self._python_path[one.name] = settings.get("PYTHONPATH", "")
                settings["PYTHONPATH"] = f"{self._older.python_path}:{settings.get('PYTHONPATH', '')}"

    def _go_forward(self, one: Replica) -> None:
        one.program.settings["PYTHONPATH"] = self._python_path[one.name]

    def _rehearse(self, run: Run) -> None:
        self.rolling = rolling = Rolling(run)
        urls = [one.program.url for one in run.services.replicas("ingress")]
        with ExitStack() as stack:
            guests = stack.enter_context(Guests(urls, every=EVERY_SECONDS))
            self.parties = guests.parties
            rolling.steady("as it was" if self._older else "before", self._steady)
            if self._older is not None:
                self._upgrade(run, rolling)
            for kind in order():
                rolling.renew(kind, f"{kind} started again")
            rolling.steady("after", self._steady)
        for line in problems_of(self.parties):
            run.expect(False, line)

    def _upgrade(self, run: Run, rolling: Rolling) -> None:
        """As the chart does it: the schemas first, while the version before goes on, then replica after replica."""
        assert self._older is not None
        before = schemas_in(run.services.database_url)
        with rolling.phase("schemas migrated"):
            for command in ("migrate all", "topics"):
                self._prepare(run, command)
            time.sleep(self._beside)
        after = schemas_in(run.services.database_url)
        run.expect(after == newest(), f"schemas are at {after}, expected {newest()}")
        run.tell(f"schemas: {told(before, after)}")
        changed = [kind for kind in order() if before[kind] != after[kind]]
        if changed and self._older.starts_on_newer_schemas:
            rolling.renew(changed[0], f"{changed[0]} as it was started again", beside=self._beside)
        for kind in order():
            rolling.renew(kind, f"{kind} renewed", change=self._go_forward, beside=self._beside)
        rolling.steady("this version", self._steady)

    def _prepare(self, run: Run, command: str) -> None:
        one = run.services["planner-1"]
        environment = {**one.program.environment, "PYTHONPATH": self._python_path[one.name]}
        done = subprocess.run(
            [COMMAND[0], *command.split()], env=environment, capture_output=True, text=True, check=False
        )
        run.tell(f"reveille {command}")
        run.expect(done.returncode == 0, f"reveille {command} has ended with {done.returncode}: {done.stderr.strip()}")

    def judge(self, verdict: Verdict) -> Runs:
        """Besides what holds of every run here: whoever is told to end lets end what can."""
        runs = runs_in(verdict.log)
        if runs.interrupted:
            verdict.add("interrupted", [f"{runs.interrupted} runs were cut off that could have ended in their grace"])
        return runs
