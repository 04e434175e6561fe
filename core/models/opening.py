"""From a model's name or role to the model; its module is imported only then."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from core.errors import NotFound, Reason
from core.models.base import Model
from core.models.language import LanguageModel
from core.settings import ModelSettings

OFFLINE = "offline"


def open_model(name: str, settings: ModelSettings | None = None) -> Model | LanguageModel:
    """Return the model called *name* as it is: "offline", "openai:NAME", "anthropic:NAME", "bedrock:NAME".

    "scripted:PATH" plays answers from a file, whose content says for which kind of model they are. Raises NotFound
    (UNKNOWN_MODEL).
    """
    kind, _, rest = name.partition(":")
    found = settings or ModelSettings()
    if kind == OFFLINE and not rest:
        return planner()
    if kind == "openai" and rest:
        from core.models.openai import OpenAI

        return OpenAI(rest, found)
    if kind == "anthropic" and rest:
        from core.models.anthropic import Anthropic

        return Anthropic(rest, found)
    if kind == "bedrock" and rest:
        from core.models.anthropic.bedrock import Bedrock

        return Bedrock(rest, found)
    if kind == "scripted" and rest:
        return _script(name, Path(rest))
    raise unknown(name, (OFFLINE, "openai:NAME", "anthropic:NAME", "bedrock:NAME", "scripted:PATH"))


@cache
def planner() -> Model:
    """Return the offline planner, which needs nothing."""
    from core.models.offline import Offline

    return Offline()


def _script(name: str, path: Path) -> Model | LanguageModel:
    text = path.read_bytes()
    if b'"language"' in text:
        from core.models.scripted_language import LanguageScript, ScriptedLanguage

        return ScriptedLanguage(LanguageScript.model_validate_json(text).language, name=name)
    from core.models.scripted import Script, Scripted

    return Scripted(Script.model_validate_json(text), name=name)


def unknown(name: str, known: Iterable[str]) -> NotFound:
    return NotFound(
        f"There is no model “{name}” here. There are: {', '.join(known)}.",
        reason=Reason.ERROR_REASON_UNKNOWN_MODEL,
        details={"model": name},
    )
