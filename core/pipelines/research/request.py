"""What can be said of a request before a run is made of it, and objectives to begin with."""

from collections.abc import Sequence

from core.errors import InvalidRequest
from core.identity import Principal
from core.pipeline import Services
from core.pipelines.answering.asking import unknown_source
from core.pipelines.research.checking import Checked
from levada.v1.run_pb2 import RunOptions, RunRequest

BREADTH, DEPTH = 3, 5
MOST_BREADTH, MOST_DEPTH = 10, 20
SAMPLES = ("What stands out in {figure}, and why?", "What drives {figure}?")


def breadth(options: RunOptions) -> int:
    return options.breadth or BREADTH


def depth(options: RunOptions) -> int:
    return options.depth or DEPTH


def check(request: RunRequest, services: Services, owner: Principal) -> None:
    """Raise InvalidRequest, with everything that is wrong by its field, or NotFound when it can't be served."""
    known = list(services.sources(owner))
    for name in request.sources:
        if name not in known:
            raise unknown_source(name, known)
    services.model(request.options.models.get("default", ""))
    wrong: dict[str, str] = {}
    for name, given, most in (
        ("breadth", request.options.breadth, MOST_BREADTH),
        ("depth", request.options.depth, MOST_DEPTH),
    ):
        if not 0 <= given <= most:
            wrong[f"options.{name}"] = f"The {name} must be between 1 and {most}; it is {given:,}."
    limit, most = request.options.row_limit, services.limits.rows
    if not 0 <= limit <= most:
        wrong["options.row_limit"] = f"The row limit must be between 1 and {most:,}; it is {limit:,}."
    checked = Checked(request.research.tasks, known, wrong)
    if not wrong and (needed := checked.iterations) > depth(request.options):
        wrong["options.depth"] = (
            f"The longest chain of tasks that need each other takes {needed} iterations; "
            f"the depth is {depth(request.options)}. Raise it, or shorten the chain."
        )
    if not known and not request.research.tasks:
        wrong["sources"] = "No source is configured, so there is nothing to research. Name one in levada.toml."
    if wrong:
        raise InvalidRequest(wrong)


def sample_questions(services: Services, owner: Principal) -> Sequence[str]:
    """Return objectives to begin with: over the samples of each source that ask along time."""
    found = []
    for name in services.sources(owner):
        along = (one for one in services.samples(owner, name) if one.lower().endswith(" by month"))
        figures = [one[: -len(" by month")].lower() for one in along]
        found += [sample.format(figure=figures[0]) for sample in SAMPLES if figures]
    return found
