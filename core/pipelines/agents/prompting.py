"""The prompts of `agents`, and how they show what is known: all of it as data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.models import calls
from core.models.base import Turn
from core.models.language import LanguageModel, Message, Prompt
from core.pipelines.agents.results import Evidence, Said
from core.pipelines.agents.roles import Role
from core.pipelines.answering import result_lines
from core.pipelines.answering.prompted import PROMPTS as SHARED
from core.pipelines.answering.prompted import room_of
from core.prompts import Ours, Part, Prompts, quoted

PROMPTS = Prompts(Path(__file__).parent / "prompts", "agents", SHARED.folder)

MESSAGE, PASSAGE, WORDS = 10_000, 4_000, 3_000
MOST_ROWS = 20


def prompt(
    model: LanguageModel,
    name: str,
    role: Role,
    parts: dict[str, Sequence[Part]],
    after: Sequence[Message] = (),
    **values: Any,
) -> Prompt:
    """Return the prompt *name* for *role*, with what of *parts* there is room for; *after* goes on from it."""
    room = room_of(model) // (2 if after else 1)
    text = PROMPTS.render(name, room, parts, role=Ours(role.prompt), **values)
    if text.left_out:
        calls.listener().told(f"The model's prompt has no room for {'; '.join(text.left_out)}.", lasting=True)
    return Prompt(text.system, [Message("user", text.user), *after], key=f"{text.key}/{role.name}")


def turns(found: Sequence[Turn]) -> list[Part]:
    """Return earlier turns, the last worth most."""
    parts = []
    for place, turn in enumerate(found):
        asked = quoted(turn.question, MESSAGE)
        whole = Ours(f"{asked} was answered: {quoted(turn.answer, WORDS)}") if turn.answer else asked
        parts.append(Part(turn.question[:60], whole, worth=1 + place / 10, lean=asked if turn.answer else None))
    return parts


def evidence(found: Sequence[Evidence]) -> list[Part]:
    """Return what was looked up, the first worth most."""
    return [
        Part(one.id, shown(one, MOST_ROWS), worth=3 - place / len(found), lean=shown(one, 0))
        for place, one in enumerate(found)
    ]


def shown(one: Evidence, most_rows: int) -> Ours:
    """Return *one* under its id; without rows a passage is shortened."""
    if one.excerpt.columns:
        said = result_lines.written(one.findings, one.excerpt, most_rows)
    else:
        said = quoted(one.text, PASSAGE if most_rows else PASSAGE // 8)
    return Ours(f"[{one.id}] {quoted(one.about)}: {said}")


def said(found: Sequence[Said]) -> list[Part]:
    """Return what agents said."""
    return [
        Part(one.title, Ours(f"{quoted(one.title)}: {quoted(one.text, WORDS)}"), worth=5 - place / len(found))
        for place, one in enumerate(found)
    ]
