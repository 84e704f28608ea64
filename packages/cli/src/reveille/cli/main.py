"""The `reveille` command. Each command imports what it needs when it runs, so that `--help` is quick."""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from reveille.cli.agent_commands import agent_commands
from reveille.cli.analytics_command import analytics
from reveille.cli.approval_commands import approval_commands
from reveille.cli.dead_letter_commands import dead_letter_commands
from reveille.cli.erasing_commands import encryption_commands, erase
from reveille.cli.execution_commands import execution_commands
from reveille.cli.fleet_commands import fleet_commands
from reveille.cli.health_command import health
from reveille.cli.key_commands import audit, key_commands
from reveille.cli.options import DEFAULT_URL, TOKEN_HELP, AsJson, Token, Url, one_line_errors
from reveille.cli.signals_command import signals
from reveille.cli.trusting import options_of_all

# Reading a git repository starts processes; gRPC would tell of each on stderr, and it needs nothing done about them.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
# What its core prints is no log line, and what fails is told by a status: a port in use is one line, and ours.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

app = typer.Typer(
    name="reveille",
    help="Event-driven AI agents: they sleep until an event wakes them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# Before any command: whom it trusts.
app.callback()(options_of_all)


@app.command()
def up(
    data: Annotated[Path | None, typer.Option(help="The data folder [.reveille].")] = None,
    fleet: Annotated[
        Path | None, typer.Option(help="The fleet file [what is in force, else the one that ships].")
    ] = None,
    port: Annotated[int | None, typer.Option(help="HTTP; the agent and webhook ports follow it [3004].")] = None,
    agent_port: Annotated[int | None, typer.Option(help="The same application again [port + 1].")] = None,
    webhook_port: Annotated[int | None, typer.Option(help="The same application again [port + 2].")] = None,
    grpc_port: Annotated[int | None, typer.Option(help="Internal queries [any free one].")] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on [127.0.0.1].")] = None,
    repos: Annotated[list[Path] | None, typer.Option(help="A folder below which pushes may name clones.")] = None,
    watch: Annotated[list[Path] | None, typer.Option(help="A folder whose changed files become signals.")] = None,
) -> None:
    """Run the whole platform in this process."""
    given = {
        "REVEILLE_DATA": data,
        "REVEILLE_FLEET": fleet,
        "REVEILLE_PORT": port,
        "REVEILLE_AGENT_PORT": agent_port,
        "REVEILLE_WEBHOOK_PORT": webhook_port,
        "REVEILLE_GRPC_PORT": grpc_port,
        "REVEILLE_HOST": host,
        "REVEILLE_REPOS": os.pathsep.join(map(str, repos)) if repos else None,
        "REVEILLE_WATCH": os.pathsep.join(map(str, watch)) if watch else None,
    }
    environment = _environment(given)
    with one_line_errors():
        from reveille.adapters import logs
        from reveille.adapters.settings import read_settings
        from reveille.cli import up as upping
        from reveille.cli.settings import UpSettings
        from reveille.ingress.settings import Settings as IngressSettings

        settings = read_settings(UpSettings, environment)
        logs.configure(settings.log_level, settings.log_format, service="embedded")
        receiving = read_settings(IngressSettings, {**environment, "REVEILLE_MODE": "embedded"})
        upping.run(settings, receiving, announce=_announce)


class ServiceName(StrEnum):
    ingress = "ingress"
    analyzer = "analyzer"
    planner = "planner"
    budget = "budget"
    agent_runner = "agent-runner"


@app.command()
def serve(
    service: Annotated[ServiceName, typer.Argument(help="The service.")],
    instance: Annotated[str | None, typer.Option(help="What this replica is called [the host's name].")] = None,
    port: Annotated[int | None, typer.Option(help="Ingress: HTTP [3004].")] = None,
    grpc_port: Annotated[int | None, typer.Option(help="Internal queries [any free one].")] = None,
    admin_port: Annotated[int | None, typer.Option(help="Health and figures [any free one].")] = None,
    fleet: Annotated[Path | None, typer.Option(help="Ingress: the fleet file.")] = None,
) -> None:
    """Run one service of a cluster in this process. Settings say on which log, bus and database."""
    given = {
        "REVEILLE_INSTANCE": instance,
        "REVEILLE_PORT": port,
        "REVEILLE_GRPC_PORT": grpc_port,
        "REVEILLE_ADMIN_PORT": admin_port,
        "REVEILLE_FLEET": fleet,
    }
    environment = _environment(given)
    with one_line_errors():
        from reveille.adapters import logs
        from reveille.adapters.settings import read_settings
        from reveille.cli.settings import ServeSettings
        from reveille.kernel.errors import Misconfigured

        try:
            from reveille.cli import serve as serving
        except ImportError as error:
            raise Misconfigured(
                f"a service of a cluster needs {error.name}, which is not installed: pip install 'reveille[cluster]'"
            ) from error

        settings = read_settings(ServeSettings, environment)
        logs.configure(settings.log_level, settings.log_format, service=service.value, instance=settings.name)
        serving.run(service.value, settings, environment, announce=lambda line: print(line, flush=True))


class Migrated(StrEnum):
    ingress = "ingress"
    analyzer = "analyzer"
    planner = "planner"
    budget = "budget"
    agent_runner = "agent-runner"
    all = "all"


@app.command()
def migrate(service: Annotated[Migrated, typer.Argument(help="The service whose views, or all.")]) -> None:
    """Bring a cluster's databases to this build's schemas, while the version before goes on."""
    with one_line_errors():
        _preparing().migrate(os.environ, service.value, say=lambda line: print(line, flush=True))


@app.command()
def topics() -> None:
    """Make a cluster's topics, or see that they are as they must be."""
    with one_line_errors():
        _preparing().topics(os.environ, say=lambda line: print(line, flush=True))


def _preparing() -> ModuleType:
    from reveille.kernel.errors import Misconfigured

    try:
        from reveille.cli import preparing
    except ImportError as error:
        raise Misconfigured(
            f"a cluster needs {error.name}, which is not installed: pip install 'reveille[cluster]'"
        ) from error
    return preparing


@app.command()
def trigger(
    agent: Annotated[str, typer.Argument(help="The agent to wake.")],
    payload: Annotated[str, typer.Option(help="What it is to do, as JSON.")] = "{}",
    priority: Annotated[str, typer.Option(help="critical, high, medium or low.")] = "medium",
    id: Annotated[str, typer.Option(help="The same id again wakes no second time.")] = "",
    url: Url = DEFAULT_URL,
    token: Annotated[str, typer.Option(envvar=["REVEILLE_TOKEN", "REVEILLE_WAKE_TOKEN"], help=TOKEN_HELP)] = "",
    as_json: AsJson = False,
) -> None:
    """Wake an agent by name."""
    with one_line_errors():
        from reveille.cli import asking

        asking.trigger(asking.Platform(url, token), agent, payload=payload, priority=priority, id=id, as_json=as_json)


@app.command()
def status(url: Url = DEFAULT_URL, token: Token = "", as_json: AsJson = False) -> None:
    """How the platform and its services are."""
    with one_line_errors():
        from reveille.cli import asking

        asking.status(asking.Platform(url, token), as_json=as_json)


@app.command()
def agents(url: Url = DEFAULT_URL, token: Token = "", as_json: AsJson = False) -> None:
    """The agents: state, wakes, tokens."""
    with one_line_errors():
        from reveille.cli import asking

        asking.agents(asking.Platform(url, token), as_json=as_json)


@app.command()
def why(
    id: Annotated[str, typer.Argument(help="An execution's id, or a signal's.")],
    agent: Annotated[str, typer.Option(help="Of a signal: only why this agent woke on it, or did not.")] = "",
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Why it happened, or did not. An execution's causes as a tree with times; or what became of a signal, by agent."""
    with one_line_errors():
        from reveille.cli import asking

        if agent:
            asking.explain(asking.Platform(url, token), id, agent, as_json=as_json)
        else:
            asking.why(asking.Platform(url, token), id, as_json=as_json)


@app.command()
def blueprints(
    name: Annotated[str, typer.Argument(help="One, whole; or `validate`, and a file.")] = "",
    file: Annotated[Path | None, typer.Argument(help="With `validate`: the file.")] = None,
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """The plans that can be begun: all, one, or `validate FILE`: what is wrong with a blueprint's file."""
    with one_line_errors():
        from reveille.cli import asking
        from reveille.cli import blueprints as plans
        from reveille.kernel.errors import Misconfigured

        if file is None:
            plans.shown(asking.Platform(url, token), name, as_json=as_json)
        elif name == "validate":
            plans.validate(file, as_json=as_json)
        else:
            raise Misconfigured(f"{file} stands behind {name}, expected a file behind `validate` alone")


app.add_typer(execution_commands, name="executions")
app.command()(signals)
app.command()(analytics)
app.command()(health)
app.add_typer(approval_commands, name="approvals")
app.add_typer(dead_letter_commands, name="deadletters")
app.add_typer(key_commands, name="keys")
app.command()(audit)
app.command()(erase)
app.add_typer(encryption_commands, name="encryption")
app.add_typer(fleet_commands, name="fleet")
app.add_typer(agent_commands, name="agent")

view_commands = typer.Typer(help="Views: make them anew from the log.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(view_commands, name="views")


@view_commands.command("rebuild")
def views_rebuild(
    data: Annotated[Path | None, typer.Option(help="The data folder [.reveille]; nothing may run on it.")] = None,
) -> None:
    """Make all views anew from the log, with the code that keeps them up to date.

    Where REVEILLE_VIEWS names a cluster's database, it is that cluster's views, while its services run or do not.
    """
    with one_line_errors():
        from reveille.cli import rebuilding

        rebuilding.run(os.environ, data=str(data or ""))


class Journey(StrEnum):
    waking = "waking"
    party = "party"
    scene = "scene"


@app.command()
def demo(
    journey: Annotated[
        Journey,
        typer.Argument(help="Webhooks that wake a reviewer, a party that is planned, or departments that write."),
    ] = Journey.waking,
) -> None:
    """Show a journey on real input, checked as it goes, with a SIGKILL in the middle."""
    with one_line_errors():
        from reveille.cli import demonstration, demonstration_party, demonstration_scene

        shows = {
            Journey.waking: demonstration.show_waking,
            Journey.party: demonstration_party.show,
            Journey.scene: demonstration_scene.show,
        }
        raise typer.Exit(demonstration.run(show=shows[journey]))


def _announce(url: str) -> None:
    print(f"reveille is up on {url} (ctrl-c stops it)", flush=True)


def _environment(given: Mapping[str, object]) -> dict[str, str]:
    """The environment with options, which win; None was not given."""
    return {**os.environ, **{name: str(value) for name, value in given.items() if value is not None}}


def main() -> None:
    app()


if __name__ == "__main__":
    main()
