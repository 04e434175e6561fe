"""What classify_question hands on: a checkpoint, so that a run goes on the way it took."""

from core.pipelines.federated.results import Chosen


class Route(Chosen):
    """Which sources a question needs, best first, and the *pipeline* that asks them, with the reason."""

    pipeline: str
    cause: str
