"""The benchmark over questions with answers works with any model and keeps every exchange for reading."""

import json
from pathlib import Path

import pytest

from benchmarks import nl2sql
from core.settings import Settings
from tests.pipelines.query import harbour

QUESTIONS = [
    {"database": "harbour", "question": "How many ships are there?", "sql": "SELECT count(*) FROM ships"},
    {"database": "harbour", "question": "How many calls?", "sql": "SELECT count(*) FROM calls"},
    {"database": "harbour", "question": "What will the weather be?", "sql": "SELECT 1"},
]


def written(sql: str, missing: str = "") -> dict:
    return {"key": "answering/nl2sql", "value": {"explanation": "e", "sql": sql, "confidence": 1, "missing": missing}}


def test_right_mended_and_refused_answers_are_counted_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    harbour.write(tmp_path / "harbour.sqlite")
    tmp_path.joinpath("questions.json").write_text(json.dumps(QUESTIONS))
    answers = [written("SELECT count(*) FROM ships"), written("SELECT count(*) FROM callz"), written("", "No weather.")]
    tmp_path.joinpath("script.json").write_text(json.dumps({"language": answers}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(nl2sql, "load", lambda: Settings(config=""))
    argv = ["nl2sql", "--questions", "questions.json", "--databases", ".", "--out", "out.json", "--parallel", "1"]
    monkeypatch.setattr("sys.argv", [*argv, "--model", "scripted:script.json"])
    nl2sql.main()
    said = capsys.readouterr().out
    assert "questions 3  coverage 66.7%  precision on answered 100.0%  accuracy 66.7%" in said
    assert "calls 3 (0 failed)" in said
    predictions = json.loads(tmp_path.joinpath("out.json").read_text())
    assert [bool(one["sql"]) for one in predictions] == [True, True, False]
    kept = sorted(path.name for path in tmp_path.joinpath("exchanges").iterdir())
    assert kept == [f"0000{n}-harbour-1.md" for n in range(3)]
    assert "How many ships are there?" in tmp_path.joinpath("exchanges", kept[0]).read_text()
