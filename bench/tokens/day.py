"""One working day, a Monday, of three repositories and the machines that they run on: the same for the same seed.

About 20 pull requests with what is pushed to them (some to other branches than main, drafts, and such as touch no
source), 25 pushes beside them, 22 issues, 90 comments, reviews and stars, a pipeline for each push and each state of a
pull request, 19 alerts and the end of each, and one backup. The night is quiet, and from ten to twelve twice as much
happens as in the rest of the day. Once three pipelines fail within a quarter of an hour; once an agent answers its own
issues until somebody stops it. 5 % of everything is delivered twice.
"""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from bench.tokens import payloads, words
from bench.tokens.happening import Alert, Change, Chatter, Happening, Issue, PipelineRun, Truth
from bench.tokens.source import Module, files_of

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
BUSY: Final = 10
# How much happens in each hour, against an ordinary one of the working day.
WEIGHTS: Final = (
    *(0.05,) * 6, 0.2, 0.5, 1.0, 1.0, 2.0, 2.0, 0.6, 1.0, 1.0, 1.0, 1.0, 0.8, 0.4, 0.2, 0.2, 0.1, 0.05, 0.05
)  # fmt: skip
# Of deliveries.
REPEATED: Final = 0.05
# Three failures of one repository within a quarter of an hour; and an agent that answers its own issues.
FLAKY: Final = 10 * HOUR + 20 * 60
LOOP: Final = 11 * HOUR + 40 * 60
LOOP_LENGTH: Final = 6
LOOP_EVERY: Final = 90.0
# Nobody else opens an issue meanwhile: a person's act would begin the chain anew.
LOOP_UNDISTURBED: Final = (LOOP - 5 * 60, LOOP + LOOP_LENGTH * LOOP_EVERY + 5 * 60)
BACKUP: Final = 2 * HOUR + 40 * 60


def day(seed: int) -> list[Happening]:
    """In the order of their times."""
    making = _Making(Random(seed))
    making.changes()
    making.pushes(25)
    making.issues(22)
    making.chatter()
    making.alerts()
    making.flaky_stretch()
    making.loop()
    making.backup()
    return sorted(making.found, key=lambda one: (one.at, one.key))


def window(hours: float) -> tuple[float, float]:
    """The part of the day that so many hours are: the busiest ones, as far as it goes."""
    begin = max(0.0, min(BUSY * HOUR, DAY - hours * HOUR))
    return begin, begin + hours * HOUR


@dataclass(slots=True, kw_only=True)
class _Request:
    """A pull request as it stands."""

    repository: str
    who: str
    number: int
    title: str
    into: str
    modules: list[Module]
    draft: bool


class _Making:
    def __init__(self, random: Random) -> None:
        self.found: list[Happening] = []
        self._random = random
        self._runs = 7_000
        self._numbers = 400

    def changes(self) -> None:
        """Pull requests: what they touch, where they go to, and whether they begin as drafts."""
        for kind, count in (("source", 12), ("draft", 2), ("docs", 3), ("generated", 1), ("release", 2)):
            for _ in range(count):
                self._change(kind)

    def pushes(self, count: int) -> None:
        for _ in range(count):
            at, repository, who = self._moment(), self._repository(), self._person()
            message = self._random.choice(words.CHANGES)
            body = payloads.push(repository, who, at=at, ref="main", message=message, paths=["src/app.py"])
            self._add(at, "github", "push", body, Chatter(what="push", by=who))
            self._pipeline(at + 3, repository, who, branch="main", commit=body["after"])

    def issues(self, count: int) -> None:
        topics: tuple[str, ...] = ("bug",) * 8 + ("feature",) * 4 + ("question",) * 3 + ("documentation",) * 3
        topics += ("infrastructure",) * 3 + ("security",)
        for topic in self._random.sample(topics, min(count, len(topics))):
            at = self._moment(without=LOOP_UNDISTURBED)
            repository, who, number = self._repository(), self._person(), self._number()
            title, text = self._random.choice(words.ISSUES[topic])
            said: dict[str, Any] = {"number": number, "title": title, "body": text}
            body = payloads.issue("opened", repository, who, **said)
            self._add(at, "github", "issues", body, Issue(action="opened", repository=repository, topic=topic, by=who))
            self._bot_comments(at + self._random.uniform(5, 60), repository, number, title, topic)
            if self._random.random() < 0.5:
                later = at + self._random.uniform(HOUR, 5 * HOUR)
                closed = payloads.issue("closed", repository, who, **said)
                truth = Issue(action="closed", repository=repository, topic=topic, by=who)
                self._add(later, "github", "issues", closed, truth)

    def chatter(self) -> None:
        for _ in range(55):
            at, repository, who = self._moment(), self._repository(), self._person()
            said: dict[str, Any] = {"number": self._random.randrange(300, 420), "title": "An older thread"}
            body = payloads.comment(repository, who, body=self._random.choice(words.COMMENTS), **said)
            self._add(at, "github", "issue_comment", body, Chatter(what="comment", by=who))
        for _ in range(22):
            at, repository, who = self._random.uniform(0, DAY), self._repository(), self._person()
            self._add(at, "github", "star", payloads.star(repository, who, at=at), Chatter(what="star", by=who))

    def alerts(self) -> None:
        counts = {"critical": 2, "page": 2, "warning": 3, "info": 2}
        for name, severity, named, said in words.ALERTS:
            for _ in range(counts[severity]):
                began = self._moment()
                at = began + self._random.uniform(10, 30)
                told: dict[str, Any] = {
                    "severity": severity,
                    "repository": self._repository() if named else "",
                    "said": said,
                }
                firing = payloads.alert(name, status="firing", began=began, at=at, **told)
                self._add(at, "prometheus", "", firing, Alert(status="firing", severity=severity))
                ended = at + self._random.uniform(300, 2_400)
                resolved = payloads.alert(name, status="resolved", began=began, at=ended, **told)
                self._add(ended, "prometheus", "", resolved, Alert(status="resolved", severity=severity))

    def flaky_stretch(self) -> None:
        for place in range(3):
            began = FLAKY + place * 240 + self._random.uniform(0, 60)
            run: dict[str, Any] = {
                "branch": "main",
                "commit": payloads.commit_id(began),
                "outcome": "failure",
                "took": 300.0,
            }
            self._run(began, words.REPOSITORIES[0], "ada", **run)

    def loop(self) -> None:
        """A person opens an issue, and the leader's account answers with issues of its own, again and again."""
        repository = words.REPOSITORIES[2]
        for place in range(LOOP_LENGTH + 1):
            who = words.BOTS[0] if place else "grace"
            title, text = words.ISSUES["documentation"][place % 2]
            body = payloads.issue("opened", repository, who, number=self._number(), title=title, body=text)
            truth = Issue(action="opened", repository=repository, topic="documentation", by=who)
            self._add(LOOP + place * LOOP_EVERY, "github", "issues", body, truth, once=True)

    def backup(self) -> None:
        body = {"event": "backup.finished", "archive": "orders-monday", "id": "backup-2026-11-23", "bytes": 73_400_320}
        self._add(BACKUP, "custom", "backup", body, Chatter(what="backup", by=""))

    def _change(self, kind: str) -> None:
        """The life of a pull request, from its opening to its merge."""
        random = self._random
        repository, who, number = self._repository(), self._person(), self._number()
        modules = [Module(path, random, parts=random.randrange(4, 9)) for path in self._paths(kind)]
        for module in modules:
            module.edit(random.choices((3, 6, 9, 14, 20), (3, 5, 4, 2, 1))[0])
        into, title = "release/2.4" if kind == "release" else "main", random.choice(words.CHANGES)
        request = _Request(
            repository=repository, who=who, number=number, title=title, into=into, modules=modules,
            draft=kind == "draft",
        )  # fmt: skip
        at = self._moment(last=20 * HOUR)
        self._tell_of_push(request, "opened", at)
        for _ in range(random.choices((0, 1, 2, 3), (3, 4, 3, 1))[0]):
            # Now and then two pushes follow upon each other.
            at += random.uniform(5, 40) if random.random() < 0.2 else random.uniform(600, 3_600)
            random.choice(modules).edit(2)
            self._tell_of_push(request, "synchronize", at)
        if request.draft:
            at += random.uniform(300, 1_200)
            request.draft = False
            self._tell(request, "ready_for_review", at)
        at += random.uniform(900, 5_400)
        other = random.choice([name for name in words.PEOPLE if name != who])
        said = payloads.review(repository, other, number=number, title=title, state="approved")
        self._add(at, "github", "pull_request_review", said, Chatter(what="review", by=other))
        self._tell(request, "closed", at + random.uniform(30, 300))

    def _tell_of_push(self, request: "_Request", action: str, at: float) -> None:
        """GitHub tells of the branch, of the pull request, and of the pipeline that runs on it."""
        branch, paths = f"change-{request.number}", [module.path for module in request.modules]
        body = payloads.push(request.repository, request.who, at=at, ref=branch, message=request.title, paths=paths)
        self._add(at - 2, "github", "push", body, Chatter(what="push", by=request.who))
        self._tell(request, action, at)
        commit = payloads.commit_id(request.repository, request.number, at)
        self._pipeline(at + 4, request.repository, request.who, branch=branch, commit=commit)

    def _tell(self, request: "_Request", action: str, at: float) -> None:
        files = files_of(request.modules)
        body = payloads.pull_request(
            action, request.repository, request.who, at=at, number=request.number, title=request.title,
            into=request.into, draft=request.draft, files=files,
        )  # fmt: skip
        truth = Change(
            action=action,
            repository=request.repository,
            number=request.number,
            into=request.into,
            draft=request.draft,
            files=tuple(file["filename"] for file in files),
        )
        self._add(at, "github", "pull_request", body, truth)

    def _paths(self, kind: str) -> list[str]:
        name = self._random.choice(("orders", "invoices", "baskets", "vouchers", "parcels", "refunds"))
        match kind:
            case "docs":
                return [f"docs/{name}.md", "README.md"]
            case "generated":
                return [f"src/generated/{name}_pb2.py"]
        own = [f"src/{name}/{part}.py" for part in self._random.sample(("service", "store", "routes", "model"), 1)]
        if self._random.random() < 0.5:
            own.append(f"tests/test_{name}.py")
        return own

    def _pipeline(self, at: float, repository: str, who: str, *, branch: str, commit: str) -> None:
        outcome = "failure" if self._random.random() < 0.1 else "success"
        took = self._random.uniform(200, 600)
        self._run(at, repository, who, branch=branch, commit=commit, outcome=outcome, took=took)

    def _run(
        self, at: float, repository: str, who: str, *, branch: str, commit: str, outcome: str, took: float
    ) -> None:
        """What GitHub tells of a run: it is requested, it goes on, it has ended."""
        self._runs += 1
        run: dict[str, Any] = {
            "id": self._runs,
            "workflow": words.WORKFLOWS[0 if branch == "main" else 1],
            "branch": branch,
        }
        for action, when in (("requested", at), ("in_progress", at + 8), ("completed", at + took)):
            conclusion = outcome if action == "completed" else ""
            body = payloads.workflow_run(action, repository, who, commit=commit, conclusion=conclusion, **run)
            self._add(when, "github", "workflow_run", body, PipelineRun(repository=repository, outcome=conclusion))

    def _bot_comments(self, at: float, repository: str, number: int, title: str, topic: str) -> None:
        if self._random.random() < 0.6:
            who = self._random.choice(words.BOTS)
            text = self._random.choice(words.OF_BOTS).format(topic=topic)
            body = payloads.comment(repository, who, number=number, title=title, body=text)
            self._add(at, "github", "issue_comment", body, Chatter(what="comment of an agent", by=who))

    def _add(self, at: float, door: str, event: str, body: dict[str, Any], truth: Truth, *, once: bool = False) -> None:
        if not 0 <= at < DAY:
            return
        key = f"{door}-{len(self.found):05d}"
        again: tuple[float, ...] = ()
        if not once and self._random.random() < REPEATED:
            again = (at + self._random.uniform(20, 600),)
        self.found.append(Happening(key=key, at=at, door=door, event=event, body=body, truth=truth, again=again))

    def _moment(self, *, without: tuple[float, float] = (-1.0, -1.0), last: float = DAY) -> float:
        """A time of the day, as likely as its hour is busy."""
        while True:
            at = self._random.choices(range(24), WEIGHTS)[0] * HOUR + self._random.uniform(0, HOUR)
            if at < last and not without[0] <= at <= without[1]:
                return at

    def _repository(self) -> str:
        return self._random.choice(words.REPOSITORIES)

    def _person(self) -> str:
        return self._random.choice(words.PEOPLE)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers
