"""What can be said of a request before a run is made of it, and questions to begin with."""

from collections.abc import Sequence

from core.errors import InvalidRequest
from core.identity import Principal
from core.pipeline import Services
from core.pipelines.answering.asking import unknown_source
from core.pipelines.federated.planning.structure import MOST_OPERATIONS
from core.pipelines.federated.planning.told import given
from levada.v1.run_pb2 import RunRequest


def check(request: RunRequest, services: Services, owner: Principal) -> None:
    """Raise InvalidRequest or NotFound when the request can't be served."""
    known = list(services.sources(owner))
    if not known:
        raise InvalidRequest({"sources": "No source is configured. Name some in levada.toml."})
    for name in (*request.sources, *(one.source for one in request.federated.operations if one.source)):
        if name not in known:
            raise unknown_source(name, known)
    services.model(request.options.models.get("default", ""))
    limit, most = request.options.row_limit, services.limits.rows
    if not 0 <= limit <= most:
        raise InvalidRequest({"options.row_limit": f"The row limit must be between 1 and {most:,}; it is {limit:,}."})
    if (count := len(request.federated.operations)) > MOST_OPERATIONS + 1:
        said = f"A plan may have {MOST_OPERATIONS} operations and combine; this one has {count:,}."
        raise InvalidRequest({"federated.operations": said})
    for place, operation in enumerate(request.federated.operations):
        try:
            given(operation)
        except ValueError as error:
            said = f"{operation.id[:80]!r} can't be read: {error}"
            raise InvalidRequest({f"federated.operations[{place}]": said}) from None


def sample_questions(services: Services, owner: Principal) -> Sequence[str]:
    """Return questions to begin with: one of each source."""
    return [question for name in services.sources(owner) for question in list(services.samples(owner, name))[:1]]
