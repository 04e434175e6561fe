"""What can be said of a request before a run is made of it, and questions to begin with."""

from collections.abc import Sequence

from core.errors import InvalidRequest
from core.identity import Principal
from core.pipeline import Services
from core.pipelines.answering.asking import unknown_source
from levada.v1.run_pb2 import RunRequest

MOST_CANDIDATES = 5


def check(request: RunRequest, services: Services, owner: Principal) -> None:
    """Raise InvalidRequest or NotFound when the request can't be served."""
    _check_sources(request, list(services.sources(owner)))
    services.model(request.options.models.get("default", ""))
    limit, most = request.options.row_limit, services.limits.rows
    if not 0 <= limit <= most:
        raise InvalidRequest({"options.row_limit": f"The row limit must be between 1 and {most:,}; it is {limit:,}."})
    if not 0 <= (candidates := request.options.candidates) <= MOST_CANDIDATES:
        said = f"Between 1 and {MOST_CANDIDATES} queries can be written for a question; {candidates:,} were asked for."
        raise InvalidRequest({"options.candidates": said})


def _check_sources(request: RunRequest, known: list[str]) -> None:
    if len(request.sources) > 1:
        raise InvalidRequest(
            {"sources": "`query` asks one source: name one, or have the pipeline `federated` or `auto` ask several."}
        )
    for name in request.sources:
        if name not in known:
            raise unknown_source(name, known)
    if not known:
        raise InvalidRequest(
            {"sources": "No source is configured. Set LEVADA_SOURCE to a database's URL, or name one in levada.toml."}
        )


def sample_questions(services: Services, owner: Principal) -> Sequence[str]:
    """Return questions that work over the default source."""
    names = list(services.sources(owner))
    return services.samples(owner, names[0]) if names else ()
