"""Who the agents are: declared in `roles.toml`, changed and added to by a file that the settings name."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidRequest

OURS = Path(__file__).parent / "roles.toml"
NAME = r"^[a-z0-9][a-z0-9-]{0,59}$"
MOST_BYTES = 1_000_000


class Role(BaseModel):
    """An agent: what it is good at, what it may use, which role of models speaks for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern=NAME)
    title: str = Field(min_length=1)
    description: str
    prompt: str = Field(min_length=1)
    part: Literal["coordinator", "retrieval", "specialist"] = "specialist"
    capabilities: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    model: str = "default"
    enabled: bool = True


class Roles(BaseModel):
    """All agents that there are."""

    coordinator: Role
    retrieval: Role | None
    specialists: tuple[Role, ...]

    def named(self, name: str) -> Role | None:
        """Return the specialist of that name."""
        return next((role for role in self.specialists if role.name == name), None)


def roles(path: str, tools: Iterable[str]) -> Roles:
    """Return the agents, with what the file at *path* says of them. Raises InvalidRequest when it can't be used.

    *tools* are those that there are.
    """
    try:
        own = Path(path).stat() if path else None
        return _read(path, own.st_mtime_ns if own else 0, tuple(tools))
    except (OSError, ValueError) as error:
        said = _problem(error)
        problem = f"The file of agents that LEVADA_AGENTS names can't be used: {said}."
        raise InvalidRequest({"pipeline": f"{problem} Whoever runs this server can mend it."}) from error


@lru_cache(8)
def _read(path: str, _changed: int, tools: tuple[str, ...]) -> Roles:
    declared = _tables(OURS)
    for name, said in (_tables(Path(path)) if path else {}).items():
        declared[name] = {**declared.get(name, {}), **said}
    found = [Role.model_validate({**said, "name": name}) for name, said in declared.items()]
    found = [role for role in found if role.enabled]
    for role in found:
        if unknown := [tool for tool in role.tools if tool not in tools]:
            raise ValueError(f"{role.name} has the tool “{unknown[0]}”, and there are only {', '.join(tools)}")
    specialists = tuple(role for role in found if role.part == "specialist")
    if not specialists:
        raise ValueError("it leaves no specialist")
    coordinator = _only(found, "coordinator")
    if coordinator is None:
        raise ValueError("it leaves no coordinator")
    return Roles(coordinator=coordinator, retrieval=_only(found, "retrieval"), specialists=specialists)


def _tables(path: Path) -> dict[str, Mapping[str, Any]]:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    if wrong := [name for name, said in found.items() if not isinstance(said, dict)]:
        raise ValueError(f"“{wrong[0]}” is no table: an agent begins with [its-name]")
    return found


def _only(found: Iterable[Role], part: str) -> Role | None:
    named = [role for role in found if role.part == part]
    if len(named) > 1:
        raise ValueError(f"{named[0].name} and {named[1].name} both have the part “{part}”, which one agent has")
    return named[0] if named else None


def _problem(error: OSError | ValueError) -> str:
    """Say what is wrong with the file, and not where it is."""
    if isinstance(error, OSError):
        return error.strerror or "it can't be read"
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
