"""`reveille migrate` and `reveille topics`: what a cluster rests on, made or brought up to date before it starts.

A service does the same for itself at its start; an upgrade that does it before has one place where it can fail, while
the version before goes on. Both may be run again and again.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from reveille.adapters import migrations
from reveille.adapters.settings import read_settings
from reveille.cli import cluster
from reveille.cli.catalogue import SERVICES
from reveille.cli.settings import ServeSettings

ALL: Final = "all"

Say = Callable[[str], None]


def migrate(environment: Mapping[str, str], service: str, *, say: Say) -> None:
    """The views of a service, or of all, and what all share: log, blobs and data keys. Raises Misconfigured."""
    settings = _settings(environment)
    for one in SERVICES if service == ALL else (service,):
        cluster.prepare(settings, one)
        say(f"views of {one} are at schema {migrations.versions_of(one).newest}")
    asyncio.run(cluster.prepare_log(settings))
    say("the log, the blobs and the data keys are as this build has them")


def topics(environment: Mapping[str, str], *, say: Say) -> None:
    """All of them; the tables of the relays, where their number of partitions stands, must be there before."""
    settings = _settings(environment)
    migrations.migrate_relays(settings.views)
    asyncio.run(cluster.prepare_topics(settings))
    say(f"topics {settings.topic_prefix}.* have {settings.partitions} partitions each")


def _settings(environment: Mapping[str, str]) -> ServeSettings:
    settings = read_settings(ServeSettings, environment)
    settings.check_places()
    return settings
