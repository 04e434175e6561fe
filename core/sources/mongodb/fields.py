"""Fields of a collection, as its documents show them: how they nest, what they hold, and how often they are there."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from core.sources.catalog import samples
from core.sources.mongodb.types import NOTHING, SEPARATOR, apply, kind_of, type_of
from levada.v1.catalog_pb2 import Column

MOST_FIELDS = 300
_MOST_NAMES = 100  # an object with more is a map: its names are data
_DEEPEST = 5
_VALUES = 200
_ITEMS = 20


@dataclass
class Field:
    """What was seen at one place of the documents. *documents* counts those in which it is there."""

    kinds: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    values: list[Any] = field(default_factory=list)
    parts: dict[str, "Field"] = field(default_factory=dict)
    items: Optional["Field"] = None
    _last: int = -1

    def take(self, value: Any, document: int, depth: int = 0) -> None:
        """Learn from *value*, found in the document of that number."""
        kind = kind_of(value)
        self.kinds[kind] += 1
        self.documents += self._last != document
        self._last = document
        if kind == "object" and depth < _DEEPEST:
            self._take_parts(value, document, depth)
        elif kind == "array" and depth < _DEEPEST:
            self.items = self.items or Field()
            for item in value[:_ITEMS]:
                self.items.take(item, document, depth + 1)
        elif kind not in ("object", "array", NOTHING) and len(self.values) < _VALUES:
            self.values.append(value)

    def _take_parts(self, value: Mapping[str, Any], document: int, depth: int) -> None:
        for name, part in value.items():
            if name and "." not in name and "$" not in name and "[" not in name:
                self.parts.setdefault(name, Field()).take(part, document, depth + 1)

    @property
    def native(self) -> str:
        """What it holds in MongoDB's words, the most frequent first."""
        return SEPARATOR.join(kind for kind, _ in self.kinds.most_common() if kind != NOTHING) or NOTHING

    def columns(self, path: str, of: int) -> Iterator[tuple[Column, "Field"]]:
        """Yield a column for this field, found in a collection of which *of* documents were seen, and for its parts."""
        if not path.endswith("[]") or self.values:
            yield self._column(path, of), self
        if self.values:
            return  # to ask for its parts would lose what has none
        if len(self.parts) <= _MOST_NAMES:
            for name, part in self.parts.items():
                yield from part.columns(f"{path}.{name}", of)
        if self.items is not None and not path.endswith("[]"):
            yield from self.items.columns(f"{path}[]", of)

    def _column(self, path: str, of: int) -> Column:
        kinds = [kind for kind in self.kinds if not path.endswith("[]") or kind not in ("object", "array")]
        kind = type_of(kinds)
        return Column(
            name=path,
            type=kind,
            native_type=self.native,
            nullable=self.documents < of or NOTHING in self.kinds,
            comment="" if self.documents == of else f"In {_share(self.documents, of)} of the documents.",
            samples=samples(apply(kind, self.values), kind),
        )


def _share(part: int, whole: int) -> str:
    share = 100 * part / whole
    return f"{share:.0f} %" if share >= 1 else "less than 1 %"


def infer(documents: Iterable[Mapping[str, Any]]) -> tuple[list[tuple[Column, Field]], bool]:
    """Return a collection's columns, nested ones after what they are in; and whether the rarest had to be left out."""
    root = Field()
    for number, document in enumerate(documents):
        root.take(document, number)
    found = [pair for name, part in root.parts.items() for pair in part.columns(name, root.documents)]
    if len(found) <= MOST_FIELDS:
        return found, False
    rank = sorted(range(len(found)), key=lambda at: -found[at][1].documents)[:MOST_FIELDS]
    return [found[at] for at in sorted(rank)], True
