"""What can be said of a request before a run is made of it, and questions to begin with."""

from collections.abc import Sequence

from core.identity import Principal
from core.pipeline import Services
from core.pipelines import federated, query
from levada.v1.run_pb2 import RunRequest


def check(request: RunRequest, services: Services, owner: Principal) -> None:
    """Raise InvalidRequest or NotFound when the request can't be served, whichever way it goes."""
    anyone = RunRequest()
    anyone.CopyFrom(request)
    del anyone.sources[1:]
    query.PIPELINE.check(anyone, services, owner)
    federated.PIPELINE.check(request, services, owner)


def sample_questions(services: Services, owner: Principal) -> Sequence[str]:
    """Return questions to begin with: one of each source."""
    return federated.PIPELINE.sample_questions(services, owner)
