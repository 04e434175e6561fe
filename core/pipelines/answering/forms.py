"""The forms that a language model's answers to `query`'s prompts have; a field's place says when it is written."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from core.models.base import Draft, Intent


def _between(value: float) -> float:
    return min(1.0, max(0.0, value))


_MEANING = "The same in DuckDB's SQL; empty when SQL can't say it."

# Vendors' structured outputs know no bounds of numbers, and 95 for 0.95 is not worth asking again.
Confidence = Annotated[float, AfterValidator(_between)]


class Kind(BaseModel):
    """classify.tpl"""

    cause: str = Field(description="Why this intent, in one short sentence.")
    intent: Intent
    question: str = Field(description="The whole question.")


class Choice(BaseModel):
    """clarify.tpl"""

    prompt: str = Field(description="The question to the person.")
    options: list[str] = Field(description="Two to four whole questions.")


class Written(BaseModel):
    """nl2sql.tpl"""

    explanation: str = Field(description="How the question is read.")
    sql: str = Field(description="The query; empty when the data can't answer.")
    confidence: Confidence = Field(description="From 0 to 1.")
    missing: str = Field(description="What the data lacks to answer; empty when there is a query.")

    def draft(self) -> Draft:
        # As it came, so that what was told of it while it was written is its beginning.
        return Draft(sql=bare(self.sql), explanation=self.explanation, confidence=self.confidence)


class Documented(BaseModel):
    """mongo_query.tpl, vector_search.tpl, slack_search.tpl"""

    explanation: str = Field(description="How the question is read.")
    query: str = Field(description="The query, one JSON document; empty when the data can't answer.")
    meaning: str = Field("", description=_MEANING)
    confidence: Confidence = Field(description="From 0 to 1.")
    missing: str = Field(description="What the data lacks to answer; empty when there is a query.")

    def draft(self) -> Draft:
        meaning = bare(self.meaning)
        return Draft(sql=bare(self.query), explanation=self.explanation, meaning=meaning, confidence=self.confidence)


class Mended(BaseModel):
    """repair.tpl"""

    diagnosis: str = Field(description="What was wrong and what was changed.")
    sql: str = Field(description="The corrected query; empty when it can't be mended.")
    explanation: str = Field(description="How the question is read now.")
    confidence: Confidence = Field(description="From 0 to 1.")

    def draft(self) -> Draft:
        return Draft(sql=bare(self.sql), explanation=self.explanation.strip(), confidence=self.confidence)


class MendedDocument(BaseModel):
    """repair.tpl, of a query that is a document"""

    diagnosis: str = Field(description="What was wrong and what was changed.")
    query: str = Field(description="The corrected query, one JSON document; empty when it can't be mended.")
    meaning: str = Field("", description=_MEANING)
    explanation: str = Field(description="How the question is read now.")
    confidence: Confidence = Field(description="From 0 to 1.")

    def draft(self) -> Draft:
        explanation, meaning = self.explanation.strip(), bare(self.meaning)
        return Draft(sql=bare(self.query), explanation=explanation, meaning=meaning, confidence=self.confidence)


def bare(query: str) -> str:
    """Return *query* without the code fence that some models put around it even within a field."""
    text = query.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text.partition("\n")[2].removesuffix("```").strip()
    return text
