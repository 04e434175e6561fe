"""Which sources a question needs, by rule: those whose names, columns and values know its words, the best one first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.models.base import Lookup
from core.models.offline.cross.about import says_about
from core.pipeline import Schemas
from core.pipelines.answering.relevance import links
from core.pipelines.answering.relevance.tables import COLUMN, COMMENT
from core.pipelines.answering.relevance.words import telling, words

# A word that is a value in the data, or a figure of the business, says nearly as much as a table's name.
VALUE = 4

# What holds texts that can be searched, by meaning rather than by words.
SEARCHED = ("qdrant", "slack")

# What holds prose: asked alone, or not at all, for its passages are no rows to be joined.
DOCUMENTS = "knowledge"
Known = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Choice:
    """A chosen source, and why, for people. *certain* unless nothing speaks for it."""

    source: str
    cause: str
    certain: bool = True


def choose(question: str, schemas: Schemas, lookups: Mapping[str, Lookup]) -> list[Choice]:
    """Return the sources to ask, best first; the first of *schemas* when nothing speaks for any.

    One that knows all that any of them knows is asked alone. Otherwise a further one is chosen only for words that
    those before it know nothing of. Of one that can't be looked at no more than its name is known. Takes a processor's
    time: call it in a thread.
    """
    known = {name: _known(question, name, schemas, lookups[name]) for name in schemas.schemas}
    known |= {name: {} for name in schemas.problems if name not in known}
    asked = set(words(question))
    named = [name for name in known if set(words(name)) and set(words(name)) <= asked]
    if not named and (documents := _documents(known, schemas)):
        return [documents]
    known = {name: found for name, found in known.items() if name in named or not _reads(name, schemas)}
    if not named and (alone := _alone(known)):
        return [_chosen(alone, known, question, set()), *_with_texts(question, schemas, [alone])]
    choices = [Choice(name, "The question names it.") for name in named]
    covered = {word for name in named for word in known[name]}
    while best := _best(known, covered, not choices):
        choices.append(_chosen(best, known, question, covered))
        covered |= known[best].keys()
    choices = choices or [_default(known, schemas)]
    return [*choices, *_with_texts(question, schemas, [choice.source for choice in choices])]


def _reads(name: str, schemas: Schemas) -> bool:
    return name in schemas.schemas and schemas.schemas[name].dialect == DOCUMENTS


def _documents(known: Known, schemas: Schemas) -> Choice | None:
    """Return the documents whose names and headings know more of the question's words than any source of data does."""
    data = max((len(found) for name, found in known.items() if not _reads(name, schemas)), default=0)
    best = max((name for name in known if _reads(name, schemas)), key=lambda name: len(known[name]), default="")
    if not best or len(known[best]) <= data:
        return None
    return Choice(best, f"Its documents are about {', '.join(known[best])}.")


def _default(known: Known, schemas: Schemas) -> Choice:
    """Return what to ask when nothing speaks for anything: documents may tell what no name or value does."""
    for name in schemas.schemas:
        if _reads(name, schemas):
            return Choice(name, "The documents may hold it.", certain=False)
    return Choice(next(iter(known)), "It is the default source.", certain=False)


def _with_texts(question: str, schemas: Schemas, chosen: Sequence[str]) -> list[Choice]:
    """Return the source to search for what people say, where that is asked for and none of the *chosen* can be."""
    found = {name: SEARCHED.index(one.dialect) for name, one in schemas.schemas.items() if one.dialect in SEARCHED}
    if not says_about(question) or not found or found.keys() & set(chosen):
        return []
    return [Choice(min(found, key=found.__getitem__), "What is said about something can be searched for there.")]


def _known(question: str, source: str, schemas: Schemas, lookup: Lookup) -> dict[str, int]:
    """Return the words of *question* that *source* knows, each by how much that says."""
    asked = set(telling(question))
    found = schemas.known(source, asked)
    said = [value.words for value in links.values(lookup, question)]
    said += [name for one in links.definitions(schemas.schemas[source], question) for name in (one.name, *one.synonyms)]
    for word in asked & {part for text in said for part in words(text)}:
        found[word] = max(found.get(word, 0), VALUE)
    return found


def _alone(known: Known) -> str:
    """Return the source that knows every word of which any knows a name or a value, the one that knows most of them."""
    told = {word for found in known.values() for word, weight in found.items() if weight >= COLUMN}
    whole = [name for name, found in known.items() if told and all(found.get(word, 0) >= COLUMN for word in told)]
    return max(whole, key=lambda name: sum(known[name].values()), default="")


def _chosen(source: str, known: Known, question: str, covered: set[str]) -> Choice:
    gained = [w for w in telling(question) if known[source].get(w, 0) > COMMENT and w not in covered]
    about = ", ".join(dict.fromkeys(gained)) or "some words of the question"
    return Choice(source, f"It knows of {about}.")


def _best(known: Known, covered: set[str], first: bool) -> str:
    """Return the source that knows most of what is not *covered*, empty when none adds a name or a value."""
    least = COMMENT if first else COLUMN
    gains = {
        name: sum(weight for word, weight in found.items() if word not in covered and weight >= least)
        for name, found in known.items()
    }
    best = max(gains, key=gains.__getitem__, default="")
    return best if best and gains[best] else ""
