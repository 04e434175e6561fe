"""Searches in documents: the question is what is searched for, as it stands."""

import json
from collections.abc import Iterator

from core.models.base import Ask, Correction, Draft

LANGUAGE = "knowledge"
PASSAGES = 6
UNMENDABLE = Correction(can_fix=False, diagnosis="There is no other way to search for it.")


def asked(ask: Ask) -> bool:
    """Tell whether *ask* is of documents."""
    return ask.schema.dialect == LANGUAGE


def search(question: str) -> Iterator[str | Draft]:
    """Yield the search, then its whole Draft."""
    text = json.dumps({"text": question, "limit": PASSAGES}, indent=2, ensure_ascii=False)
    yield text
    yield Draft(sql=text, explanation="The documents are searched for passages about the question.", confidence=1.0)
