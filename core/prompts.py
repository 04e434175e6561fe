"""Prompts from Jinja2 templates: rendered the same way every time, within a budget of tokens.

Every text that a template shows is data and comes out as one quoted line that nothing in it can end, unless it is
`Ours`: what a database holds can't pass for an instruction because somebody forgot to quote it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

LONGEST = 400
"""Characters of one value; what is longer is cut, and its length said."""

_HEADER = re.compile(r"\{# (?P<version>\d+): .*?#\}", re.DOTALL)
_BYTES_PER_TOKEN = 3
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"})
# Most texts hold nothing to escape: printable ASCII but for quote, backslash and "<", and letters of any language.
_PLAIN = re.compile(r"[\w !#-;=-\[\]-~]*")
# What begins a tag, or a mark of a vendor's own such as <|im_end|>; "a < b" and "a <> b" stay readable.
_TAG = re.compile(r"<(?=[^\s\d=>'(])")


class Ours(str):
    """Text of our own making, shown as it stands."""

    __slots__ = ()


def quoted(text: str, longest: int = LONGEST) -> Ours:
    """Return *text* as data: a JSON string on one line, in which invisible characters are spelled out."""
    if len(text) <= longest and _PLAIN.fullmatch(text):
        return Ours(f'"{text}"')
    cut = _TAG.sub(r"\\u003c", text[:longest].translate(_ESCAPES))
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else _spelled(c) for c in cut)
    more = f" (the first {longest:,} of {len(text):,} characters)" if len(text) > longest else ""
    return Ours(f'"{cut}"{more}')


def _spelled(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def _shown(value: Any) -> Any:
    return quoted(value) if isinstance(value, str) and not isinstance(value, Ours) else value


def tokens(text: str) -> int:
    """Estimate the tokens of *text*, rather too many than too few: three bytes each."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN)


@dataclass(frozen=True)
class Part:
    """Something that a prompt can do without: what is *worth* least goes first, and of it first all but *lean*."""

    name: str
    text: Ours
    worth: float
    lean: Ours | None = None


@dataclass(frozen=True)
class Rendered:
    """A prompt's texts. *key* names template and version; *left_out* says what there was no room for."""

    system: str
    user: str
    key: str
    left_out: Sequence[str] = field(default=())


class Prompts:
    """The templates of one folder, NAME.tpl: each has a version, a block `system` and a block `user`.

    They may include those of *shared* folders too.
    """

    def __init__(self, folder: Path, prefix: str, *shared: Path) -> None:
        self.folder = folder
        self._prefix = prefix
        self._environment = Environment(
            loader=FileSystemLoader([folder, *shared]),
            undefined=StrictUndefined,
            finalize=_shown,
            autoescape=False,  # noqa: S701 - no HTML is made here; `finalize` quotes whatever is not ours
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._version = cache(self._read_version)

    def _read_version(self, name: str) -> str:
        source, *_ = self._environment.loader.get_source(self._environment, f"{name}.tpl")  # type: ignore[union-attr]
        header = _HEADER.match(source)
        if header is None:
            raise ValueError(f"{name}.tpl does not begin with its version: {{# 1: What it is for. #}}")
        return header["version"]

    def render(
        self, name: str, room: int, parts: Mapping[str, Sequence[Part]] | None = None, **values: Any
    ) -> Rendered:
        """Fill in *name*'s template with *values* and what of *parts* fits into *room* tokens.

        The template meets *parts* as lists of texts by their names, spaces written as underscores.
        """
        parts = parts or {}
        # What stands around each group takes room too.
        around = {_variable(group): [Ours()] if some else [] for group, some in parts.items()}
        bare = self._texts(name, {**values, **around})
        kept, left_out = fit(parts, room - tokens("".join(bare)))
        system, user = self._texts(name, {**values, **kept})
        return Rendered(system, user, f"{self._prefix}/{name}@{self._version(name)}", left_out)

    def _texts(self, name: str, values: Mapping[str, Any]) -> tuple[str, str]:
        template = self._environment.get_template(f"{name}.tpl")
        context = template.new_context(dict(values))
        system, user = ("".join(template.blocks[block](context)).strip() for block in ("system", "user"))
        return system, user


def fit(parts: Mapping[str, Sequence[Part]], room: int) -> tuple[dict[str, list[Ours]], list[str]]:
    """Return the texts of *parts* that fit into *room* tokens, in their order, and what is left out, in words."""
    sizes = {id(part): tokens(part.text) + 1 for group in parts.values() for part in group}
    worst_first = sorted((part for group in parts.values() for part in group), key=lambda part: part.worth)
    over = sum(sizes.values()) - room
    lean: set[int] = set()
    gone: set[int] = set()
    for part in worst_first:
        if over > 0 and part.lean is not None:
            lean.add(id(part))
            smaller = tokens(part.lean) + 1
            over += smaller - sizes[id(part)]
            sizes[id(part)] = smaller
    for part in worst_first:
        if over > 0:
            gone.add(id(part))
            over -= sizes[id(part)]
    kept = {
        _variable(name): [
            part.lean if part.lean is not None and id(part) in lean else part.text
            for part in group
            if id(part) not in gone
        ]
        for name, group in parts.items()
    }
    return kept, list(_words(parts, lean - gone, gone))


def _words(parts: Mapping[str, Sequence[Part]], lean: set[int], gone: set[int]) -> list[str]:
    said = []
    for name, group in parts.items():
        shortened = [part for part in group if id(part) in lean]
        dropped = [part.name for part in group if id(part) in gone]
        if shortened:
            said.append(f"details of {len(shortened)} {name if len(shortened) > 1 else name.removesuffix('s')}")
        if dropped:
            first = ", ".join(dropped[:3]) + (", …" if len(dropped) > 3 else "")
            said.append(f"{len(dropped)} of {len(group)} {name} ({first})")
    return said


def _variable(name: str) -> str:
    return name.replace(" ", "_")
