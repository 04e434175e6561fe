"""What is particular to asking a model for a query of each language: its prompt, its form, its field, its comments."""

from dataclasses import dataclass

from core.pipelines.answering.forms import Documented, Mended, MendedDocument, Written
from core.sources.base import SQL


@dataclass(frozen=True)
class Language:
    """*prompt* asks for a query in the *form* whose *field* holds it; *comment* begins a remark among its text."""

    prompt: str
    form: type[Written] | type[Documented] = Documented
    mended: type[Mended] | type[MendedDocument] = MendedDocument
    field: str = "query"
    comment: str = "//"


KNOWLEDGE = "knowledge"
"""The language of documents, in which no model writes."""

LANGUAGES = {
    SQL: Language("nl2sql", Written, Mended, "sql", "--"),
    "mongodb": Language("mongo_query"),
    "vector": Language("vector_search"),
    "slack": Language("slack_search"),
}
