"""What can be said of a request before a run is made of it, and topics to begin with."""

from collections.abc import Sequence

from core.errors import InvalidRequest
from core.identity import Principal
from core.pipeline import Services
from core.pipelines.assessment.asking import ROLES, in_role
from core.pipelines.assessment.forms import LEVELS
from core.pipelines.assessment.topic import level_of
from levada.v1.catalog_pb2 import ParameterChoices, ParameterOption
from levada.v1.run_pb2 import RunRequest

MOST_ATTEMPTS = 5
DEFAULT_ATTEMPTS = 3
LONGEST_SUB_TOPIC = 200
TOPICS = ("GRPO in RL", "SQL joins over missing values", "Async error handling in Python", "Confidence intervals")


def check(request: RunRequest, services: Services, owner: Principal) -> None:
    """Raise InvalidRequest, NotFound or ModelRequired when the request can't be served."""
    violations = {}
    if not request.question.strip():
        violations["question"] = "Name a topic, for instance “GRPO in RL”."
    if not 0 <= request.options.max_attempts <= MOST_ATTEMPTS:
        said = f"Attempts have to be 1 to {MOST_ATTEMPTS}; they are {request.options.max_attempts:,}."
        violations["options.max_attempts"] = said
    if request.assessment.difficulty and not level_of(request.assessment.difficulty):
        given = request.assessment.difficulty[:40]
        violations["assessment.difficulty"] = f"The difficulty has to be one of {', '.join(LEVELS)}; it is “{given}”."
    if len(request.assessment.sub_topic) > LONGEST_SUB_TOPIC:
        said = (
            f"A sub-topic has at most {LONGEST_SUB_TOPIC} characters; this one has {len(request.assessment.sub_topic)}."
        )
        violations["assessment.sub_topic"] = said
    if violations:
        raise InvalidRequest(violations)
    for role in ROLES:
        in_role(request, services, role)


def attempts(request: RunRequest) -> int:
    return request.options.max_attempts or DEFAULT_ATTEMPTS


def sample_questions(services: Services, owner: Principal) -> Sequence[str]:
    """Return topics; a question is none."""
    return TOPICS


def choices(services: Services) -> Sequence[ParameterChoices]:
    """Return the levels that an exercise can have."""
    levels = [ParameterOption(value=level, label=level) for level in LEVELS]
    return [ParameterChoices(parameter="assessment.difficulty", options=levels)]
