"""What can be said of a request before a run is made of it, and questions to begin with."""

from collections.abc import Sequence

from core.errors import InvalidRequest
from core.identity import Principal
from core.models.language import LanguageModel
from core.pipeline import Services
from core.pipelines import auto
from core.pipelines.agents.asking import TOOLS
from core.pipelines.agents.roles import Roles, roles
from core.pipelines.answering.asking import unknown_source
from levada.v1.catalog_pb2 import ParameterChoices, ParameterOption
from levada.v1.run_pb2 import AgentsMode, AgentsParameters, RunRequest

MOST_SUPPORTING = 8
MODES = {
    "AGENTS_MODE_COLLABORATIVE": "Together, then one answers",
    "AGENTS_MODE_SEQUENTIAL": "One after the other",
    "AGENTS_MODE_PARALLEL": "Each on its own",
    "AGENTS_MODE_DEBATE": "In debate",
}


def check(request: RunRequest, services: Services, owner: Principal) -> None:
    """Raise InvalidRequest or NotFound when the request can't be served, every field that is wrong by its name."""
    known = list(services.sources(owner))
    for name in request.sources:
        if name not in known:
            raise unknown_source(name, known)
    for name in request.options.models.values():
        services.model(name)
    limit, most = request.options.row_limit, services.limits.rows
    violations = _violations(request.agents, roles(services.agents, TOOLS))
    if not 0 <= limit <= most:
        violations["options.row_limit"] = f"The row limit must be between 1 and {most:,}; it is {limit:,}."
    chosen = request.options.models.get("default", "")
    if not known and not isinstance(services.model(chosen), LanguageModel):
        violations["sources"] = (
            "There is nothing that agents could answer from. Name a source in levada.toml, add documents by "
            "`levada knowledge add`, or set LEVADA_MODEL to a language model."
        )
    if violations:
        raise InvalidRequest(violations)


def _violations(asked: AgentsParameters, there: Roles) -> dict[str, str]:
    found: dict[str, str] = {}
    names = ", ".join(role.name for role in there.specialists)
    if asked.mode not in AgentsMode.values():
        found["agents.mode"] = "There is no such mode. There are: sequential, parallel, collaborative, debate."
    if asked.primary_agent and there.named(asked.primary_agent) is None:
        found["agents.primary_agent"] = f"There is no agent “{asked.primary_agent[:60]}”. There are: {names}."
    supporting = list(asked.supporting_agents)
    if len(supporting) > MOST_SUPPORTING:
        found["agents.supporting_agents"] = (
            f"At most {MOST_SUPPORTING} agents can support; {len(supporting)} are named."
        )
    for place, name in enumerate(supporting):
        field = f"agents.supporting_agents[{place}]"
        if there.named(name) is None:
            found[field] = f"There is no agent “{name[:60]}”. There are: {names}."
        elif name in supporting[:place]:
            found[field] = f"“{name}” is named twice."
        elif name == asked.primary_agent:
            found[field] = f"“{name}” answers already, so it can't support itself."
    return found


def sample_questions(services: Services, owner: Principal) -> Sequence[str]:
    """Return questions to begin with: those of the sources."""
    return auto.PIPELINE.sample_questions(services, owner)


def choices(services: Services) -> Sequence[ParameterChoices]:
    """Return the agents that there are and how they can work together. Raises InvalidRequest as `roles` does."""
    agents = [
        ParameterOption(value=role.name, label=role.title, description=role.description)
        for role in roles(services.agents, TOOLS).specialists
    ]
    return [
        ParameterChoices(
            parameter="agents.mode", options=[ParameterOption(value=mode, label=said) for mode, said in MODES.items()]
        ),
        ParameterChoices(parameter="agents.primary_agent", options=agents),
        ParameterChoices(parameter="agents.supporting_agents", options=agents),
    ]
