"""What a request must be before anything is done for it. Every fault is told at once, each by its field's path."""

import re
from collections.abc import Collection

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from core.errors import InvalidRequest, NotFound, Reason
from core.settings import Limits
from levada.v1.event_pb2 import Decision, RowEncoding
from levada.v1.query_service_pb2 import ClassifyRequest
from levada.v1.run_pb2 import Analysis, InputAnswer, RunOptions, RunRequest, RunState
from levada.v1.run_service_pb2 import ForkRunRequest

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
ID_LENGTH = 128
NAME_LENGTH = 256
CAUSE_LENGTH = 1_000
PRIORITIES = (-100, 100)
ROLES = ("default", "strong", "mid", "weak", "fast")
MAX_PAGE = 1_000


class Faults:
    """Collects what is wrong with a request, by field."""

    def __init__(self) -> None:
        self._violations: dict[str, str] = {}

    def unless(self, right: object, field: str, wrong: str) -> None:
        """Take down that *field* is *wrong* unless it is *right*; the first fault of a field stands."""
        if not right:
            self._violations.setdefault(field, wrong)

    def text(self, value: str, field: str, most: int, *, needed: bool = False) -> None:
        """Check the length of a text and that it has no control characters but tab and line breaks."""
        if needed:
            self.unless(value.strip(), field, f"{field} is empty. Send at least one character that is not a space.")
        self.unless(
            len(value) <= most, field, f"{field} has {len(value):,} characters; at most {most:,} are taken. Shorten it."
        )
        found = CONTROL.search(value)
        if found:
            where = f"U+{ord(found.group()):04X} at character {found.start() + 1:,}"
            self.unless(False, field, f"{field} holds the control character {where}. Remove it.")

    def between(self, value: float, least: int, most: int, field: str, default: str = "") -> None:
        hint = f", or 0 for {default}" if default else ""
        right = least <= value <= most or (default and value == 0)
        self.unless(right, field, f"{field} is {value:,}; it must be from {least:,} to {most:,}{hint}.")

    def known(self, value: int, enum: EnumTypeWrapper, field: str) -> None:
        """Check that a value of an enum has a name."""
        right = value in enum.values()
        self.unless(
            right, field, f"{field} is {value}, which is not known here. There is {', '.join(enum.keys()[1:])}."
        )

    def raise_any(self) -> None:
        if self._violations:
            raise InvalidRequest(self._violations)


class Validation:
    """Checks requests against *limits* and what *pipelines* (names to their parameters' field) there are."""

    def __init__(self, limits: Limits, pipelines: Collection[str]) -> None:
        self._limits = limits
        self._pipelines = tuple(pipelines)

    def run(self, request: RunRequest) -> None:
        """Check what a run is to do. Raises InvalidRequest, NotFound (UNKNOWN_PIPELINE)."""
        faults = Faults()
        faults.text(request.question, "run.question", self._limits.question_length, needed=True)
        faults.text(request.conversation_id, "run.conversation_id", ID_LENGTH)
        faults.text(request.request_id, "run.request_id", ID_LENGTH)
        faults.text(request.pipeline, "run.pipeline", NAME_LENGTH)
        faults.between(request.priority, *PRIORITIES, "run.priority")
        for index, source in enumerate(request.sources):
            faults.text(source, f"run.sources[{index}]", NAME_LENGTH, needed=True)
        self._options(request.options, faults)
        self._parameters(request, faults)
        faults.raise_any()
        self._pipeline(request.pipeline)

    def classify(self, request: ClassifyRequest) -> None:
        """Check what is to be classified. Raises InvalidRequest."""
        faults = Faults()
        faults.text(request.question, "question", self._limits.question_length, needed=True)
        for index, source in enumerate(request.sources):
            faults.text(source, f"sources[{index}]", NAME_LENGTH, needed=True)
        faults.raise_any()

    def fork(self, request: ForkRunRequest) -> None:
        """Check what a run is forked from and its edits. Raises InvalidRequest."""
        faults = Faults()
        faults.text(request.step, "step", NAME_LENGTH)
        faults.text(request.request_id, "request_id", ID_LENGTH)
        for field in ("question", "query"):
            edit: str = getattr(request, field)
            faults.text(edit, field, self._limits.question_length, needed=bool(edit))
        self._options(request.options, faults, "options")
        faults.raise_any()

    def _options(self, options: RunOptions, faults: Faults, within: str = "run.options") -> None:
        limits = self._limits
        faults.between(options.row_limit, 1, limits.rows, f"{within}.row_limit", f"{limits.default_rows:,}")
        faults.known(options.analyze, Analysis, f"{within}.analyze")
        faults.known(options.row_encoding, RowEncoding, f"{within}.row_encoding")
        faults.between(options.breadth, 1, 10, f"{within}.breadth", "3")
        faults.between(options.depth, 1, 20, f"{within}.depth", "5")
        faults.between(options.max_attempts, 1, 5, f"{within}.max_attempts", "the pipeline's own number")
        for name in ("timeout", "deadline"):
            given = getattr(options, name)
            right = not options.HasField(name) or given.seconds + given.nanos / 1e9 > 0
            faults.unless(right, f"{within}.{name}", f"{within}.{name} must be more than nothing.")
        for role, model in options.models.items():
            field = f"{within}.models[{role[:20]!r}]"
            faults.unless(role in ROLES, field, f"There is no such role; there are {', '.join(ROLES)}.")
            faults.text(model, field, NAME_LENGTH, needed=True)

    def _parameters(self, request: RunRequest, faults: Faults) -> None:
        given = request.WhichOneof("parameters")
        pipeline = request.pipeline or given
        if given is not None:
            wrong = f"run.{given} holds parameters of another pipeline than {pipeline[:NAME_LENGTH]!r}. Remove it."
            faults.unless(given == pipeline, f"run.{given}", wrong)
        faults.text(request.query.query, "run.query.query", self._limits.question_length)

    def _pipeline(self, name: str) -> None:
        if name and name not in self._pipelines:
            raise NotFound(
                f"There is no pipeline {name!r} here. There is: {', '.join(self._pipelines)}.",
                reason=Reason.ERROR_REASON_UNKNOWN_PIPELINE,
                details={"pipeline": name},
            )

    def answer(self, answer: InputAnswer) -> None:
        """Check an answer to an input request. Raises InvalidRequest."""
        faults = Faults()
        faults.text(answer.input_id, "answer.input_id", ID_LENGTH, needed=True)
        edits = answer.decision == Decision.DECISION_EDIT
        faults.text(answer.text, "answer.text", self._limits.question_length, needed=edits)
        faults.known(answer.decision, Decision, "answer.decision")
        faults.raise_any()

    def cause(self, cause: str) -> None:
        """Check why a run is cancelled. Raises InvalidRequest."""
        faults = Faults()
        faults.text(cause, "cause", CAUSE_LENGTH)
        faults.raise_any()

    def cursor(self, after: int, field: str = "after_sequence") -> None:
        """Check a number to read on from. Raises InvalidRequest."""
        if after < 0:
            raise InvalidRequest({field: f"{field} is {after}; the first event is read after 0."})

    def states(self, states: Collection[int]) -> None:
        """Check the states that a listing is narrowed to. Raises InvalidRequest."""
        faults = Faults()
        for state in states:
            faults.known(state, RunState, "states")
        faults.raise_any()

    def page_size(self, size: int, default: int) -> int:
        """Return how many a page holds: *default* for 0, never more than 1,000. Raises InvalidRequest."""
        if size < 0:
            raise InvalidRequest({"page_size": f"page_size is {size}; it must be from 1 to 1,000, or 0 for {default}."})
        return min(size or default, MAX_PAGE)
