"""The rehearsal under load: from the version before to this one, the way back, and every service started again."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Final

from deploy.native.service import COMMAND, SERVICES
from deploy.native.services import Services
from tests.chaos.running import Run, Scenario
from tests.chaos.stack import Replica
from tests.chaos.verdict import Verdict
from tests.rehearsal.figures import Runs, runs_in
from tests.rehearsal.guests import Guests, Party, problems_of
from tests.rehearsal.newer import Newer
from tests.rehearsal.older import Older
from tests.rehearsal.rolling import Rolling, order
from tests.rehearsal.schemas import newest, schemas_in, told

EVERY_SECONDS: Final = 2.0
STEADY_SECONDS: Final = 8.0
BESIDE_SECONDS: Final = 4.0


class Rehearsal:
    """older: None where there is none. newer: what is gone to and come back from, where older cannot be gone back to.

    beside, steady: seconds.
    """

    def __init__(
        self, older: Older | None, newer: Newer, *, beside: float = BESIDE_SECONDS, steady: float = STEADY_SECONDS
    ) -> None:
        self.rolling: Rolling | None = None
        self.parties: Sequence[Party] = ()
        self._older = older
        self._newer = newer
        self._beside = beside
        self._steady = steady
        self._python_path: dict[str, str] = {}

    def scenario(self) -> Scenario:
        what = f"from {self._older.revision} to this version" if self._older else "to the next version"
        return Scenario(
            name="rehearsal",
            what=f"{what} and back, each service started again, two replicas one after the other",
            faults=self._rehearse,
            seconds=0,
            replicas=dict.fromkeys(SERVICES, 2),
            before=self._begin_as_it_was,
        )

    def _begin_as_it_was(self, services: Services) -> None:
        for one in services:
            self._python_path[one.name] = one.program.settings.get("PYTHONPATH", "")
            if self._older is not None:
                self._from(self._older.python_path)(one)

    def _from(self, sources: str = "") -> Callable[[Replica], None]:
        """What starts a replica from other sources; without any from this version's."""

        def change(one: Replica) -> None:
            one.program.settings["PYTHONPATH"] = self._path_of(one, sources)

        return change

    def _path_of(self, one: Replica, sources: str) -> str:
        return ":".join(filter(None, (sources, self._python_path[one.name])))

    def _rehearse(self, run: Run) -> None:
        self.rolling = rolling = Rolling(run)
        urls = [one.program.url for one in run.services.replicas("ingress")]
        with ExitStack() as stack:
            guests = stack.enter_context(Guests(urls, every=EVERY_SECONDS))
            self.parties = guests.parties
            rolling.steady("as it was" if self._older else "before", self._steady)
            if self._older is not None:
                self._upgrade(run, rolling, self._older)
            if self._older is not None and self._older.starts_on_newer_schemas:
                self._go_back(run, rolling, self._older)
            else:
                self._go_to_the_next(run, rolling)
            for kind in order():
                rolling.renew(kind, f"{kind} started again")
            rolling.steady("after", self._steady)
        for line in problems_of(self.parties):
            run.expect(False, line)

    def _upgrade(self, run: Run, rolling: Rolling, older: Older) -> None:
        """As the chart does it: the schemas first, while the version before goes on, then replica after replica."""
        changed = self._migrate(run, rolling, newest())
        if changed and older.starts_on_newer_schemas:
            rolling.renew(changed[0], f"{changed[0]} as it was started again", beside=self._beside)
        for kind in order():
            rolling.renew(kind, f"{kind} renewed", change=self._from(), beside=self._beside)
        rolling.steady("this version", self._steady)

    def _go_back(self, run: Run, rolling: Rolling, older: Older) -> None:
        """To what there was before, which starts on the schemas of this version, and forwards again."""
        self._roll_back(run, rolling, older.python_path, newest())
        for kind in order():
            rolling.renew(kind, f"{kind} renewed again", change=self._from())

    def _go_to_the_next(self, run: Run, rolling: Rolling) -> None:
        """And back to this version, which starts on the schemas of the next one."""
        newer = self._newer
        self._migrate(run, rolling, newer.schemas, newer.python_path)
        for kind in order():
            rolling.renew(kind, f"{kind}: the next version", change=self._from(newer.python_path))
        rolling.steady("the next version", self._steady)
        self._roll_back(run, rolling, "", newer.schemas)

    def _roll_back(self, run: Run, rolling: Rolling, sources: str, schemas: Mapping[str, str]) -> None:
        """In the other order, and without migrating."""
        for kind in reversed(order()):
            rolling.renew(kind, f"{kind} rolled back", change=self._from(sources), beside=self._beside)
        rolling.steady("rolled back", self._steady)
        after = schemas_in(run.services.database_url)
        run.expect(after == schemas, f"rolled back, schemas are at {after}, expected still {schemas}")

    def _migrate(self, run: Run, rolling: Rolling, expected: Mapping[str, str], sources: str = "") -> Sequence[str]:
        """Returns the services whose schemas have changed."""
        before = schemas_in(run.services.database_url)
        with rolling.phase("schemas migrated"):
            for command in ("migrate all", "topics"):
                self._prepare(run, command, sources)
            time.sleep(self._beside)
        after = schemas_in(run.services.database_url)
        run.expect(after == expected, f"schemas are at {after}, expected {expected}")
        run.tell(f"schemas: {told(before, after)}")
        return [kind for kind in order() if before[kind] != after[kind]]

    def _prepare(self, run: Run, command: str, sources: str) -> None:
        one = run.services["planner-1"]
        environment = {**one.program.environment, "PYTHONPATH": self._path_of(one, sources)}
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
