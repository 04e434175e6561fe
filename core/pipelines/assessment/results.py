"""What the steps of `assessment` hand on: their checkpoints, from which a run goes on."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel

from core.pipelines.assessment.forms import Categories, Challenge, Exercise, Judgement, Mistake

T = TypeVar("T")


class Topic(BaseModel):
    """What the exercise is about: *sub_topic* is of *difficulty*, both the caller's choice or a random one."""

    topic: str
    categories: Categories
    difficulty: str
    sub_topic: str


class Made(BaseModel, Generic[T]):
    """What a model made; without a *value*, *problem* says why it is of no use."""

    value: T | None = None
    problem: str = ""


class Why(StrEnum):
    """Why an attempt came to nothing."""

    BOTH_AVOIDED = "both_avoided"
    NEITHER_SUCCEEDED = "neither_succeeded"
    JUDGED = "judged"
    UNUSABLE = "unusable"


class Feedback(BaseModel):
    """What the next attempt is told of this one. *said* is in the judge's words, or says what was of no use."""

    why: Why
    said: str
    title: str = ""


class Judged(BaseModel):
    """What the judge found. *failures* are the catalogue's mistakes that tell the answers apart, if they do."""

    judgement: Judgement | None = None
    failures: Sequence[Mistake] = ()
    feedback: Feedback | None = None


class Attempted(BaseModel):
    """An attempt that was lived through: *step* is the number of its last step."""

    step: int
    challenge: Challenge | None = None
    weak: str = ""
    judged: Judged = Judged()

    @property
    def feedback(self) -> Feedback | None:
        return self.judged.feedback


class Tried(BaseModel):
    """One try of writing the exercise: it may be used when there are no *problems*."""

    exercise: Exercise | None = None
    problems: Sequence[str] = ()
