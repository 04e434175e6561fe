"""The forms that models fill in for each step; a field's place says when it is written."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LEVELS = ("Beginner", "Intermediate", "Advanced")
EXERCISE_LEVELS = (*LEVELS, "Expert")
ARTIFACTS = ("code", "prose", "math", "email", "table", "diagram", "plan", "pseudo", "query", "other")


def _likelihood(value: float) -> float:
    # Vendors' structured outputs know no bounds of numbers, and 90 for 0.9 is not worth asking again.
    return min(1.0, max(0.0, value / 100 if value > 1 else value))


def _score(value: float) -> float:
    return min(10.0, max(1.0, value))


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Subtopic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Subtopics = Annotated[list[Subtopic], Field(min_length=3, max_length=5)]
Likelihood = Annotated[float, AfterValidator(_likelihood)]
Artifact = Literal["code", "prose", "math", "email", "table", "diagram", "plan", "pseudo", "query", "other"]


class Categories(BaseModel):
    """difficulty_categories.tpl"""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)
    beginner: Subtopics = Field(alias="Beginner")
    intermediate: Subtopics = Field(alias="Intermediate")
    advanced: Subtopics = Field(alias="Advanced")

    @property
    def levels(self) -> Mapping[str, Sequence[str]]:
        return dict(zip(LEVELS, (self.beginner, self.intermediate, self.advanced), strict=True))


class Mistake(BaseModel):
    """A mistake that people make who know less of the matter than they think."""

    mistake: Words = Field(description="The mistake, in one sentence.")
    why_wrong: Words = Field(description="Why it is wrong.")
    match_hint: Words = Field(description="A short phrase by which it is recognised in an answer.")
    impact: Literal["Minor", "Moderate", "Major"]
    domain_specific: bool = Field(description="Whether only somebody who knows the matter sees it.")
    likelihood_strong_avoids: Likelihood = Field(description="From 0 to 1.")
    likelihood_weak_makes: Likelihood = Field(description="From 0 to 1.")


class ErrorCatalog(BaseModel):
    """error_catalog.tpl"""

    errors: list[Mistake] = Field(min_length=6, max_length=6)


class Challenge(BaseModel):
    """challenge.tpl"""

    title: Words
    context: Words = Field(description="What is given.")
    question_text: Words = Field(description="The task.")
    artifact_type: Artifact = Field(description="What kind of thing the answer is.")
    success_criteria: list[Words] = Field(min_length=1, description="What makes an answer right.")
    requirements: list[Words] = Field(min_length=4, max_length=6)


class Verdict(StrEnum):
    """What came of a challenge."""

    TOLD_APART = "told_apart"
    BOTH_AVOIDED = "both_avoided"
    NEITHER_SUCCEEDED = "neither_succeeded"
    OTHER = "other"


class Judgement(BaseModel):
    """judgement.tpl"""

    reasoning: Words = Field(description="What each answer does well and where it fails.")
    evidence: list[Words] = Field([], description="Words of the weaker answer, exactly as they stand in it.")
    failures_weaker: list[Words] = Field(description="The mistakes of the catalogue that only the weaker answer makes.")
    verdict: Verdict = Verdict.OTHER
    quality_score: Annotated[float, AfterValidator(_score)] = Field(description="From 1 to 10.")
    differentiation_achieved: bool


class MarkedError(BaseModel):
    """An error that is marked in the text."""

    id: str = Field(description="The marked text itself, exactly, without << and >>.")
    description: str = Field(description="What is wrong with it.")


class Exercise(BaseModel):
    """assessment.tpl; its rules are the validator's, so that whatever breaks them is told to the model at once."""

    title: str
    difficulty: str = Field(json_schema_extra={"enum": list(EXERCISE_LEVELS)})
    content_type: str = Field(json_schema_extra={"enum": list(ARTIFACTS)})
    content: list[str] = Field(description="The text, an item for each line.")
    errors: list[MarkedError]
