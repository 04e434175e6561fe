"""What every program here does first: read the settings, and say which one is wrong without repeating its value.

What is wrong may be next to a password, so that neither pydantic's text nor a traceback may reach the terminal.
"""

import os
import re
import sys
import tomllib
from argparse import ArgumentParser
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from core import settings
from core.errors import LevadaError
from core.settings import Settings

MOST_FILES = 2**20
_BARE = re.compile(r"[\w-]+")  # a key that TOML wants no quotes around


class WrongSettings(LevadaError):
    """The settings are wrong."""


def read_settings() -> Settings:
    """Return the settings. Raises WrongSettings, naming each field."""
    config = os.environ.get("LEVADA_CONFIG")
    if config and not Path(config).exists():
        raise WrongSettings(f"LEVADA_CONFIG names {config}, which does not exist.")
    try:
        return settings.load()
    except ValidationError as error:
        raise WrongSettings("\n".join(_fault(fault) for fault in error.errors(include_url=False))) from None
    except tomllib.TOMLDecodeError as error:
        raise WrongSettings(f"{config or 'levada.toml'} is not valid TOML: {error}.") from None
    except UnicodeDecodeError:
        raise WrongSettings(f"{config or 'levada.toml'} is not text in UTF-8.") from None
    except OSError as error:
        raise WrongSettings(f"{config or 'levada.toml'} can't be read: {error.strerror}.") from None
    except SettingsError as error:
        raise WrongSettings(f"A LEVADA_ variable is not valid JSON: {error}.") from None


def take_no_arguments(program: str, what: str) -> None:
    """Answer --help and refuse anything else on the command line: everything is set by variables and levada.toml."""
    settings_are = "Everything is set by LEVADA_* variables and levada.toml; the README lists them."
    ArgumentParser(prog=program, description=f"{what} {settings_are}").parse_args()


def open_files() -> int:
    """Raise this process's limit on open files, of which each connection is one, as far as it may; return it."""
    try:
        import resource
    except ImportError:  # there is none for Windows, nor such a limit
        return sys.maxsize
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _fault(fault: ErrorDetails) -> str:
    path = [str(part) for part in fault["loc"]]
    if fault["type"] == "extra_forbidden":
        said = "there is no setting of that name"
    else:
        said = fault["msg"].removeprefix("Value error, ")
    return f"{_where(path)}: {said}." if path else f"{said[0].upper()}{said[1:]}."


def _where(path: list[str]) -> str:
    """Return what to look for: the file's words, and the variable where there can be one of that name."""
    keys = ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in path)
    if '"' in keys:
        return f"{keys} in levada.toml"
    return f"LEVADA_{'__'.join(path).upper()}, or {keys} in levada.toml"
