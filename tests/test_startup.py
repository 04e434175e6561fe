"""Every program tells a wrong setting in words, and none of them repeats the password that stands in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import environment

SECRET = "s3cretpw"
URL = f"postgresql://u:{SECRET}@db.example/shop"
PROGRAMS = [("gateway",), ("grpc_server",), ("core.store", "upgrade")]

each_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program[0])


def fails(program, folder, **variables) -> str:
    """Run *program*, which must refuse to start; return what it said."""
    surroundings = {"LEVADA_HTTP": "127.0.0.1:0", **environment(folder, **variables)}
    command = [sys.executable, "-m", *program]
    ended = subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=100, check=False
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode in (1, 2), said
    assert "Traceback" not in said
    return said


@each_program
@pytest.mark.parametrize(
    ("config", "named"),
    [
        (f'[sources.db]\nurll = "{URL}"\n', ["sources.db.urll", "sources.db.url", "required"]),
        (f'[sources.db]\nurl = ["{URL}"]\n', ["sources.db.url", "string"]),
        (f'[sources.db]\nurl = "{URL}\n', ["levada.toml", "TOML"]),
    ],
)
def test_a_wrong_file_is_told_without_its_password(tmp_path, program, config, named):
    (tmp_path / "levada.toml").write_text(config)
    said = fails(program, tmp_path)
    assert all(words in said for words in named), said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (
            '[models."openai:x"]\nouput = 1\n',
            'levada: models."openai:x".ouput in levada.toml: there is no setting of that name.\n',
        ),
        (
            'model = "openai:x"\n[limits]\nrun_usd = 1\n',
            (
                "levada: A budget in US dollars is set, and what openai:x costs is not known: give `input` and "
                '`output` under [models."openai:x"] in levada.toml.\n'
            ),
        ),
    ],
)
def test_a_wrong_setting_is_told_in_the_words_of_the_file(tmp_path, config, told):
    (tmp_path / "levada.toml").write_text(config)
    assert fails(("grpc_server",), tmp_path) == told


@each_program
def test_a_variable_that_is_not_json_is_told_without_its_password(tmp_path, program):
    said = fails(program, tmp_path, LEVADA_SOURCES=URL)
    assert "sources" in said
    assert SECRET not in said


@each_program
def test_a_file_that_is_not_text_is_told(tmp_path, program):
    (tmp_path / "levada.toml").write_bytes(b"\xff\xfe\x00")
    assert "levada.toml is not text" in fails(program, tmp_path)


@each_program
def test_a_file_that_is_not_there_is_told(tmp_path, program):
    assert "LEVADA_CONFIG" in fails(program, tmp_path, LEVADA_CONFIG="/nowhere/levada.toml")


@pytest.mark.parametrize("program", ["grpc_server", "gateway"])
@pytest.mark.parametrize(("argument", "code"), [("--help", 0), ("--frobnicate", 2)])
def test_a_program_that_takes_no_arguments_does_not_start_on_one(
    tmp_path: Path, program: str, argument: str, code: int
):
    done = subprocess.run(
        [sys.executable, "-m", program, argument],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == code
    said = " ".join((done.stdout + done.stderr).split())
    assert ("LEVADA_* variables" if code == 0 else argument) in said
