"""What the README says is so."""

import re
import shlex
from pathlib import Path

from core import settings
from levada.cli import parser

LIMITS = "Limits stand under"
README = Path(__file__).parent.parent.joinpath("README.md").read_text(encoding="utf-8")


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(LEVADA_\w+)` \| (.*?) \|", README, re.MULTILINE))
    assert rows == {name: settings.shown(default) for name, default, _ in settings.document()}


def test_every_limit_stands_in_the_table_with_its_default_and_what_it_is() -> None:
    fields = settings.Limits.model_fields.items()
    rows = [f"| `{name}` | `{field.default:,}` | {field.description} |" for name, field in fields]
    assert re.findall(r"^\| `[a-z_]+` \| .*$", README.partition(LIMITS)[2], re.MULTILINE) == rows


def test_every_setting_of_a_model_stands_in_the_table_with_its_default_and_what_it_is() -> None:
    fields = settings.ModelSettings.model_fields.items()
    defaults = {name: "" if field.default in ("", None) else f"`{field.default:,}`" for name, field in fields}
    rows = [f"| `{name}` | {defaults[name]} | {field.description} |" for name, field in fields]
    assert re.findall(r"^\| `[a-z_]+` \| .*$", README.partition(LIMITS)[0], re.MULTILINE) == rows


def test_every_levada_command_is_one_that_the_command_line_takes() -> None:
    commands = re.findall(r"^\.venv/bin/levada (.*?)(?:  +#.*)?$", README, re.MULTILINE)
    assert commands
    for command in commands:
        parser().parse_args(shlex.split(command))


def test_every_make_target_exists() -> None:
    makefile = Path(__file__).parent.parent.joinpath("Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake ([a-z]+)\b", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_linked_file_exists() -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert Path(__file__).parent.parent.joinpath(link).exists(), link
