"""Which model a setting such as `model: auto` stands for."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reveille.agents.model import OFFLINE, Model
from reveille.agents.models.anthropic import AnthropicModel
from reveille.agents.models.offline import OfflineModel
from reveille.agents.models.openai_compatible import OpenAICompatibleModel

ANTHROPIC_DEFAULT: Final = "claude-sonnet-5-5"
OPENAI_DEFAULT: Final = "gpt-5.4-mini"


def choose(model: str, env: Mapping[str, str]) -> Model:
    """auto: the provider whose key or address is set, else offline. Raises ValueError for what cannot be had."""
    kind, _, name = model.partition(":")
    match kind:
        case "offline" if model == OFFLINE:
            return OfflineModel()
        case "auto" if model == "auto":
            return _auto(env)
        case "anthropic" if name:
            return _anthropic(name, env)
        case "openai" if name:
            return _openai(name, env)
    raise ValueError(f"model {model!r} is unknown, expected offline, auto, anthropic:<model> or openai:<model>")


def _auto(env: Mapping[str, str]) -> Model:
    if _key("ANTHROPIC_API_KEY", env):
        return _anthropic(env.get("REVEILLE_ANTHROPIC_MODEL") or ANTHROPIC_DEFAULT, env)
    if env.get("OPENAI_BASE_URL") or _key("OPENAI_API_KEY", env):
        return _openai(env.get("REVEILLE_OPENAI_MODEL") or OPENAI_DEFAULT, env)
    return OfflineModel()


def _anthropic(name: str, env: Mapping[str, str]) -> Model:
    key = _key("ANTHROPIC_API_KEY", env)
    if not key:
        raise ValueError(f"model anthropic:{name} needs a key, expected it in ANTHROPIC_API_KEY")
    _require("anthropic", name)
    return AnthropicModel(name, key=key, base_url=env.get("ANTHROPIC_BASE_URL") or None)


def _openai(name: str, env: Mapping[str, str]) -> Model:
    key, base_url = _key("OPENAI_API_KEY", env), env.get("OPENAI_BASE_URL") or None
    if not (key or base_url):
        raise ValueError(f"model openai:{name} needs a key or a server, expected OPENAI_API_KEY or OPENAI_BASE_URL")
    _require("openai", name)
    return OpenAICompatibleModel(name, key=key, base_url=base_url)


def _key(name: str, env: Mapping[str, str]) -> str:
    """`<name>_FILE` is the path of a file that holds it."""
    file = env.get(f"{name}_FILE")
    if env.get(name) or not file:
        return env.get(name, "")
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}_FILE names {file}, expected a file that can be read") from error


def _require(sdk: str, name: str) -> None:
    # Said at start: a model that quietly became the offline one would surprise more.
    if importlib.util.find_spec(sdk) is None:
        raise ValueError(f"model {sdk}:{name} needs the package {sdk}, expected reveille-agents[{sdk}] to be installed")
