"""Who answers a question once it is known which sources it needs: `query` asks one, `federated` whatever takes more."""

from collections.abc import Sequence

from core.errors import ModelError, NotAlone
from core.identity import Principal
from core.models import planner
from core.models.drafting import drafted
from core.pipeline import Schemas, Services
from core.pipelines.answering.choosing import Choice
from core.pipelines.answering.searching import asked
from core.sources.base import SQL


def only(named: Sequence[str], names: Sequence[str]) -> Sequence[Choice]:
    """Return the one source that there is to choose, if there is but one of *names*; some may have been *named*."""
    return [Choice(names[0], "It was asked for." if named else "It is the only source.")] if len(names) == 1 else ()


async def decide(
    services: Services, owner: Principal, question: str, schemas: Schemas, choices: Sequence[Choice]
) -> tuple[str, str]:
    """Return the name of the pipeline that asks the sources of *choices*, and why, for people."""
    names = [choice.source for choice in choices]
    if len(names) > 1:
        return "federated", f"It takes {', '.join(names[:-1])} and {names[-1]} together."
    name = names[0]
    if not choices[0].certain:
        which = "No source that answers now" if schemas.problems else "No source"
        return "query", f"{which} knows a word of it, so {name} is asked. {choices[0].cause}"
    if name in schemas.schemas and not await _alone(services, owner, question, schemas, name):
        return "federated", f"{name} has what it takes but can't work it out by itself, so that is done here."
    return "query", f"{name} answers it by itself."


async def _alone(services: Services, owner: Principal, question: str, schemas: Schemas, name: str) -> bool:
    """Tell whether one query in the source's language may answer *question*: of SQL that is taken for granted."""
    if services.sources(owner)[name].language == SQL:
        return True
    # What the planner does not understand a language model may.
    return not isinstance(await _problem(services, owner, question, schemas, name), NotAlone)


async def understood(services: Services, owner: Principal, question: str, schemas: Schemas, name: str) -> bool:
    """Tell whether the offline planner can make something of *question* over that source, alone or with others."""
    problem = await _problem(services, owner, question, schemas, name)
    return problem is None or isinstance(problem, NotAlone)


async def _problem(
    services: Services, owner: Principal, question: str, schemas: Schemas, name: str
) -> ModelError | None:
    """Return what keeps the offline planner from writing one query for *question* over that source."""
    try:
        await drafted(planner(), await asked(services, owner, schemas.schemas[name], question))
    except ModelError as problem:
        return problem
    return None
