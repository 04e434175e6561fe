"""Who works on a message by rule: its words held against what agents say they can, and against what sources know."""

from collections.abc import Sequence

from core.pipelines.agents.asking import PIPELINES
from core.pipelines.agents.results import Member
from core.pipelines.agents.roles import Role
from core.pipelines.answering.choosing import Choice
from core.pipelines.answering.relevance.words import words

MOST = 3
"""Supporting agents that are chosen; a caller may name more."""

ASKED_FOR = "It was asked for."
# What a source knows of the question says more than one word of it that an agent is good at.
_KNOWN = 1.5


def asks_data(role: Role) -> bool:
    """Tell whether *role* can look figures up."""
    return any(tool in PIPELINES for tool in role.tools)


def ranked(question: str, specialists: Sequence[Role], known: Sequence[Choice]) -> list[Member]:
    """Return the *specialists* for whom something speaks, best first; *known* are the sources that speak for it."""
    asked = list(dict.fromkeys(words(question)))
    scored = []
    for place, role in enumerate(specialists):
        can = {word for capability in role.capabilities for word in words(capability)}
        fits = [word for word in asked if word in can]
        looks = known if asks_data(role) else ()
        score = len(fits) + (_KNOWN if looks else 0)
        if score:
            scored.append((-score, place, Member(role=role, cause=_cause(fits, looks), ask=question)))
    return [member for *_, member in sorted(scored, key=lambda one: one[:2])]


def _cause(fits: Sequence[str], looks: Sequence[Choice]) -> str:
    said = [f"The question is about {', '.join(fits)}."] if fits else []
    return " ".join([*said, *(f"{one.source}: {one.cause}" for one in looks)])


def chosen(
    question: str, specialists: Sequence[Role], known: Sequence[Choice], primary: Role | None
) -> tuple[Member, list[Member]]:
    """Return who answers, *primary* if that is given, and who supports it."""
    found = ranked(question, specialists, known)
    if primary is not None:
        first = Member(role=primary, cause=ASKED_FOR, ask=question)
    else:
        # Who looks things up supports: what they found is put together by somebody else.
        talking = [member for member in found if not asks_data(member.role)]
        speaks = talking[0].cause if talking else "Nothing speaks for another one, and it comes first."
        first = Member(role=talking[0].role if talking else specialists[0], cause=speaks, ask=question)
    return first, [member for member in found if member.role.name != first.role.name][:MOST]
