"""What a pipeline's author sees: a Pipeline is declared, a Run is lived through, a Step says what happens."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from google.protobuf.message import Message
from pydantic import BaseModel

from core.errors import LevadaError
from core.identity import Principal
from core.models.base import Lookup, Model, Turn
from core.models.language import LanguageModel
from core.settings import Limits
from core.sources.base import Source
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import ParameterChoices, Schema
from levada.v1.run_pb2 import InputAnswer, RunRequest

Result = TypeVar("Result", bound=BaseModel | Message | None)
P = ParamSpec("P")

Tell = Callable[[str, float], None]
"""Hears, for people, how far something is, and which part of it is done (0 to 1)."""


def untold(said: str, fraction: float) -> None:
    """Keep it to oneself."""


@dataclass(frozen=True)
class StepSpec:
    """A step as it is announced: *progress* is the run's progress (0 to 1) when the step begins.

    *doing* is the title once the step is under way; *seconds* its timeout (None: only the run's).
    *conditional* steps run only when something calls for them and do not move progress. *reads* names what of the
    request the step's work hangs on, "question", "query" or an option's name: a fork that edits it does the step anew.
    *kind* is what a step is one of whose name is only this run's: how long it takes is remembered under that.
    *retried*: the pipeline tries again when it fails, which is then told. *final*: how it fails stands, so that it is
    not tried again when the run goes on; a fork does. *advice* says what to do when it takes too long.
    """

    name: str
    title: str
    doing: str
    icon: str
    category: events.Category
    progress: float
    seconds: float | None = None
    conditional: bool = False
    reads: tuple[str, ...] = ()
    kind: str = ""
    retried: bool = False
    final: bool = False
    advice: str = "Try a more specific question."

    @property
    def known_as(self) -> str:
        """What its durations are kept and measured by."""
        return self.kind or self.name

    def info(self, estimate: float | None = None) -> events.StepInfo:
        """Announce the step, with the seconds that earlier runs took for it, where that is known."""
        info = events.StepInfo(
            step=self.name,
            title=self.title,
            icon=self.icon,
            category=self.category,
            progress=self.progress,
            conditional=self.conditional,
        )
        if estimate is not None:
            info.estimated_duration.FromMicroseconds(int(estimate * 1e6))
        return info


class Schemas(Protocol):
    """What sources hold, to be searched by the words of a question: *schemas* by name, in the order asked for.

    *problems* say of those that can't be looked at why.
    """

    schemas: Mapping[str, Schema]
    problems: Mapping[str, str]

    def known(self, source: str, asked: Collection[str]) -> dict[str, int]:
        """Return which of the words *asked* (relevance.words) that source knows, each by how much that says."""

    def relevant(self, source: str, question: str, wanted: Collection[str] = ()) -> list[str]:
        """Return the tables of that source to keep for *question*, best first, *wanted* before all.

        Costs only time: call it in a thread.
        """


@dataclass(frozen=True)
class Refreshed:
    """What looking at a source anew found: its *schema*, and which tables are not as they were."""

    schema: Schema
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    changed: Sequence[str] = ()


class Services(Protocol):
    """What a run may use of the house, always on behalf of its owner. *scratch* is a folder for passing files.

    *agents* is the file that says which agents there are, empty for those that come with it.
    """

    limits: Limits
    scratch: Path
    agents: str

    def sources(self, owner: Principal) -> Mapping[str, Source]:
        """Return the sources that *owner* may ask."""

    def model(self, name: str = "", role: str = "default") -> Model | LanguageModel:
        """Return the model of that *name*, which may be a role's too, else that of *role*. Raises NotFound."""

    async def refresh(self, owner: Principal, source: str) -> Refreshed:
        """Look at that source anew; its values follow in the background. Raises NotFound, SourceError."""

    async def schemas(self, owner: Principal, names: Collection[str] = (), tell: Tell = untold) -> Schemas:
        """Return what those sources hold, all that *owner* may ask if none are named; *tell* hears of each."""

    def lookup(self, owner: Principal, source: str) -> Lookup:
        """Return what a model may look up in that source; values are found once `indexed` has returned."""

    async def indexed(self, owner: Principal, source: str) -> None:
        """Wait until that source's values are indexed. Raises SourceError."""

    def samples(self, owner: Principal, source: str) -> Sequence[str]:
        """Return questions that work over that source; none until it was looked at."""

    async def history(self, owner: Principal, conversation_id: str, limit: int) -> Sequence[Turn]:
        """Return the last turns of a conversation of *owner*, oldest first."""

    async def answered(self, owner: Principal, source: str, limit: int) -> Sequence[Turn]:
        """Return questions of *owner*'s tenant over *source* that were answered, newest first."""


class Step(Protocol):
    """One attempt of one step, as the function that does its work sees it."""

    name: str
    attempt: int
    run: "Run"

    def emit(self, payload: Message) -> None:
        """Say something: *payload* is one of Event's payload messages. Returns at once; order is kept."""

    def text(self, channel: events.Channel, delta: str) -> None:
        """Say a piece of text."""

    def progress(self, message: str, fraction: float | None = None, *, lasting: bool = False) -> None:
        """Say how far the step is, *fraction* from 0 to 1 when known; *lasting*: worth knowing after it too."""

    def summary(self, text: str) -> None:
        """Set what StepCompleted says of the result."""

    def failed(self, error: LevadaError, *, will_retry: bool = True) -> None:
        """Have StepFailed said in place of StepCompleted: the attempt failed, and the pipeline mends it if it can.

        What the step returns is a checkpoint all the same, so that the failure is not repeated when the run goes on.
        """

    async def flush(self) -> None:
        """Wait until all that was said so far is durable; a producer of rows calls it to be held back."""


class Run(Protocol):
    """One execution of a pipeline.

    Everything that touches the outside belongs into a step: a step with a checkpoint is not run again.
    """

    id: str
    request: RunRequest
    owner: Principal
    services: Services
    attempts: int

    async def step(
        self, fn: "Callable[Concatenate[Step, P], Awaitable[Result]]", *args: P.args, **kwargs: P.kwargs
    ) -> Result:
        """Do a step and return its result, from the checkpoint when there is one.

        *fn* carries its StepSpec (see `step`); a path prefix or a repeat makes the name unique ("execute_sql#2").
        """

    def estimate(self, spec: StepSpec) -> float | None:
        """Return how many seconds a step takes by its history, None without any."""

    def skip(self, spec: StepSpec, cause: str) -> None:
        """Say that a step was not needed."""

    async def ask(self, request: events.InputRequested) -> InputAnswer:
        """Ask a person and wait for the answer, however long; time spent waiting is not the run's.

        *request.input_id* is stable across restarts, so that a question is asked once. Raises LevadaError
        INPUT_TIMEOUT.
        """


@dataclass(frozen=True)
class Ending:
    """What a pipeline returns: how the run ended."""

    outcome: events.Outcome
    summary: str
    clarification: events.InputRequested | None = None
    remembered: Turn | None = field(default=None)


async def nothing_left(_: Run) -> None:
    """Have nothing to take away."""


def no_choices(_: Services) -> Sequence[ParameterChoices]:
    """Leave every parameter to whoever asks."""
    return ()


@dataclass(frozen=True)
class Pipeline:
    """A kind of work. *run* is the story in order; adding one is one folder and one line in PIPELINES.

    *check* raises InvalidRequest when a request can't be served, before a run is made. *ended* takes away what a run
    kept on this machine; it is called once the run has ended here, however that was, and not when it goes on elsewhere.
    *choices* are what can be given for its parameters here; raises InvalidRequest when what they rest on is unusable.
    """

    name: str
    title: str
    description: str
    steps: Sequence[StepSpec]
    run: Callable[[Run], Awaitable[Ending]]
    check: Callable[[RunRequest, Services, Principal], None]
    sample_questions: Callable[[Services, Principal], Sequence[str]]
    needs_model: bool = False
    ended: Callable[[Run], Awaitable[None]] = nothing_left
    choices: Callable[[Services], Sequence[ParameterChoices]] = no_choices


def step(spec: StepSpec) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function as the work of the step that *spec* announces."""

    def mark(fn: Callable[..., Any]) -> Callable[..., Any]:
        fn.spec = spec  # type: ignore[attr-defined]
        return fn

    return mark


def one_of(fn: Callable[..., Any], spec: StepSpec) -> Callable[..., Any]:
    """Return the work of *fn* as the step *spec*: one of several of its kind, each with a name of its own."""

    @wraps(fn)
    async def work(*args: Any, **kwargs: Any) -> Any:
        return await fn(*args, **kwargs)

    return step(spec)(work)
