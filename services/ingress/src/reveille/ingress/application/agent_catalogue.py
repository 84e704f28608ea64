"""The agents that are built in: they come into a fleet whose blueprints name them and whose file does not."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import Agent, Blueprint, Limits
from reveille.ingress.application.fleet_agents import as_agent
from reveille.kernel.classifying import CLASSIFIER

INSTANCES: Final = 16
# As a fleet file would say it.
CATALOGUE: Final[Mapping[str, Mapping[str, Any]]] = {
    "theme-agent": {
        "title": "Party themes: colours, decorations, activities",
        "skill": "reveille.agents.party.theme:plan_theme",
        "capabilities": ["party-theme"],
    },
    "venue-agent": {
        "title": "Venues by guests, city, date and price",
        "skill": "reveille.agents.party.venue:find_venue",
        "capabilities": ["party-venue"],
    },
    "cake-agent": {
        "title": "Cakes and bakeries by guests, diet and theme",
        "skill": "reveille.agents.party.cake:find_cake",
        "capabilities": ["party-cake"],
    },
    "catering-agent": {
        "title": "Menus by guests, diet and kitchen",
        "skill": "reveille.agents.party.catering:plan_catering",
        "capabilities": ["party-catering"],
    },
    "vendor-agent": {
        "title": "Balloons, photographers and entertainers",
        "skill": "reveille.agents.party.vendor:find_vendors",
        "capabilities": ["party-vendor"],
    },
    "scene-orchestrator": {
        "title": "Which departments a scene needs, and the scene as one",
        "skill": "reveille.agents.film.orchestrating:orchestrate",
        "capabilities": ["film-orchestration"],
    },
    "story-head": {
        "title": "Briefs and reviews plot and dialogue",
        "skill": "reveille.agents.film.heading:head",
        "capabilities": ["film-story", "film-review"],
    },
    "plot-writer": {
        "title": "Plots: beats, turns, endings",
        "skill": "reveille.agents.film.plot:write_plot",
        "capabilities": ["film-plot"],
    },
    "dialogue-writer": {
        "title": "Dialogues between a scene's characters",
        "skill": "reveille.agents.film.dialogue:write_dialogue",
        "capabilities": ["film-dialogue"],
    },
    "character-head": {
        "title": "Briefs and reviews characters and motivations",
        "skill": "reveille.agents.film.heading:head",
        "capabilities": ["film-character", "film-review"],
    },
    "character-designer": {
        "title": "Characters: looks, manners, pasts",
        "skill": "reveille.agents.film.characters:design_characters",
        "capabilities": ["film-characters"],
    },
    "motivation-writer": {
        "title": "Motivations: what each wants, fears and hides",
        "skill": "reveille.agents.film.motivations:write_motivations",
        "capabilities": ["film-motivations"],
    },
    "visual-head": {
        "title": "Briefs and reviews shots and light",
        "skill": "reveille.agents.film.heading:head",
        "capabilities": ["film-visual", "film-review"],
    },
    "storyboarder": {
        "title": "Storyboards: a scene shot by shot",
        "skill": "reveille.agents.film.storyboard:draw_storyboard",
        "capabilities": ["film-storyboard"],
    },
    "lighting-designer": {
        "title": "Light: sources, colours, moods",
        "skill": "reveille.agents.film.lighting:light_scene",
        "capabilities": ["film-light"],
    },
    CLASSIFIER: {
        "title": "What an input of a plan means, where its words do not say it",
        "skill": "reveille.agents.classifying:classify",
        "capabilities": ["classify-inputs"],
    },
}
OFFLINE: Final = "offline"


def named_agents(blueprint: Blueprint) -> list[str]:
    """The agents that its steps need, each once."""
    named = [name for step in blueprint.steps for name in (step.agent, step.compensate) if name]
    return list(dict.fromkeys(named))


def built_in_agents(
    blueprints: Iterable[Blueprint], own: Iterable[str], said_by_default: Mapping[str, Any], limits: Limits
) -> list[Agent]:
    """What the blueprints name, and what asks a model for them; without the fleet's own agents.

    Offline they ask no model, so that a run reserves nothing; else it reserves what the fleet's limits let it have.
    """
    wanted = [name for one in blueprints for name in named_agents(one)]
    left = dict.fromkeys([*wanted, CLASSIFIER] if wanted else [])
    for name in own:
        left.pop(name, None)
    return [_agent(name, said_by_default, limits) for name in left if name in CATALOGUE]


def _agent(name: str, said_by_default: Mapping[str, Any], limits: Limits) -> Agent:
    agent = as_agent(name, {**CATALOGUE[name], "instances": INSTANCES}, said_by_default)
    if agent.model == OFFLINE:
        agent.budget.per_run = 0
    else:
        bounds = [one for one in (limits.tenant_tokens, limits.execution_tokens) if one]
        agent.budget.per_run = min(agent.budget.per_run, *bounds) if bounds else agent.budget.per_run
    return agent
