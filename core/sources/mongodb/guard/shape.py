"""What documents look like at one point of a pipeline: the paths that may be named, and the columns they'd make."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from core.errors import QueryRefused
from levada.v1.catalog_pb2 import Table

_OPAQUE = ("", "object", "array")


class Shape:
    """Documents of known *paths*, each with its type in MongoDB's words, "" where unknown; None: anything may be there.

    *columns* are the paths that a result of these documents is shown by. *touched* gathers what was asked for.
    """

    def __init__(self, paths: Mapping[str, str] | None, columns: Iterable[str] = (), name: str = "") -> None:
        self.paths = dict(paths) if paths is not None else None
        self.columns = list(dict.fromkeys(columns))
        self.touched: set[str] = set()
        self._name = name

    @classmethod
    def of(cls, table: Table) -> "Shape":
        """Return the shape of a collection's documents, as far as *table* names their fields."""
        if not table.columns:
            return cls(None)
        paths = {column.name.replace("[]", ""): column.native_type for column in table.columns}
        top = (column.name for column in table.columns if "." not in column.name and "[]" not in column.name)
        return cls(paths, top, table.name)

    @property
    def leaves(self) -> list[str]:
        """Return the paths beneath which nothing is named."""
        parents = {path[:at] for path in self.paths or () for at, letter in enumerate(path) if letter == "."}
        return [path for path in self.paths or () if path not in parents]

    def require(self, path: str) -> str:
        """Return the type of what *path* names. Raises QueryRefused when nothing of that name can be there."""
        self.touched.add(path)
        parts = [part for part in path.split(".") if not part.isdigit()]
        if "" in path.split(".") or path.startswith("$") or "\0" in path:
            raise QueryRefused("syntax", f'"{path}" is no path to a field. Write names with single dots between them.')
        if self.paths is None:
            return ""
        plain = ".".join(parts)
        for name in (path, plain):
            if name in self.paths:
                return self.paths[name]
        if any(known.startswith(plain + ".") for known in self.paths):
            return "object"
        if any(self._opaque(".".join(parts[:end])) for end in range(1, len(parts))):
            return ""
        raise self._unknown(path)

    def require_whole(self, path: str) -> None:
        """Raise QueryRefused unless all of *path* may be read: it is asked for where nothing is taken away yet."""
        self.require(path)
        parts = path.split(".")
        within = any(self._opaque(".".join(parts[:end])) for end in range(1, len(parts)))
        if self.paths is not None and path not in self.leaves and not within:
            raise QueryRefused("syntax", f"{path} is no single field; name one to join by.")

    def shown(self, path: str) -> list[str]:
        """Return the columns that show *path*."""
        return [column for column in self.columns if column == path or column.startswith(path + ".")]

    def at(self, path: str) -> "Shape":
        """Return the shape of what is beneath *path*; of anything when that is not known."""
        own = self._beneath(path)
        return Shape(own, dict.fromkeys(key.partition(".")[0] for key in own), self._name) if own else Shape(None)

    def only(self, path: str) -> dict[str, str]:
        """Return what is known of *path*, itself and beneath."""
        beneath = {f"{path}.{key}": kind for key, kind in self._beneath(path).items()}
        return {path: self.require(path), **beneath}

    def without(self, paths: Iterable[str]) -> "Shape":
        """Return the shape once *paths* are removed."""
        gone = tuple(paths)
        if self.paths is None:
            return Shape(None)

        def stays(path: str) -> bool:
            return not any(path == one or path.startswith(one + ".") for one in gone)

        return Shape(
            {path: kind for path, kind in self.paths.items() if stays(path)}, filter(stays, self.columns), self._name
        )

    def plus(self, added: Mapping[str, str], columns: Iterable[str] = ()) -> "Shape":
        """Return the shape with fields *added*; those of the same name are replaced."""
        if self.paths is None:
            return Shape(None)
        kept = self.without(added)
        shown = [path for path in columns if path.partition(".")[0] not in kept.columns]
        return Shape({**(kept.paths or {}), **added}, [*kept.columns, *shown], self._name)

    def _beneath(self, path: str) -> dict[str, str]:
        start = path + "."
        return {key.removeprefix(start): kind for key, kind in (self.paths or {}).items() if key.startswith(start)}

    def _opaque(self, path: str) -> bool:
        return (self.paths or {}).get(path) in _OPAQUE and not self._beneath(path)

    def _unknown(self, path: str) -> QueryRefused:
        known = list(self.paths or ())
        near = get_close_matches(path, known, 3, 0.6)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(known[:20])}."
        place = f" in collection {self._name}" if self._name else ""
        return QueryRefused("unknown-column", f"There is no field {path} that you may read here{place}. {hint}")
