"""Settings come from the environment and levada.toml; the environment wins, and secrets stay in it."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from core.settings import Settings

TOML = """
grpc = "127.0.0.1:7000"
[sources.shop]
url = "postgresql://reader:${SHOP_PASSWORD}@localhost/shop"
[limits]
rows = 5
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "levada.toml"
    path.write_text(TOML)
    monkeypatch.setenv("LEVADA_CONFIG", str(path))
    monkeypatch.setenv("SHOP_PASSWORD", "p@ss/word")
    return path


def test_the_file_is_read_and_the_environment_wins(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().grpc, Settings().limits.rows) == ("127.0.0.1:7000", 5)
    monkeypatch.setenv("LEVADA_GRPC", "127.0.0.1:7001")
    assert Settings().grpc == "127.0.0.1:7001"


def test_a_password_is_filled_in_from_the_environment_and_quoted(file: Path) -> None:
    assert Settings().sources["shop"].url == "postgresql://reader:p%40ss%2Fword@localhost/shop"


def test_a_variable_that_is_not_there_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_PASSWORD")
    with pytest.raises(ValidationError, match="the environment has no SHOP_PASSWORD"):
        Settings()


def test_a_setting_that_does_not_exist_is_refused(file: Path) -> None:
    file.write_text("grcp = 'localhost:1'")
    with pytest.raises(ValidationError, match="grcp"):
        Settings()


def test_a_budget_in_dollars_wants_the_prices_of_all_models(file: Path) -> None:
    file.write_text(
        'model = "openai:big,offline"\n[limits]\nrun_usd = 2\n[models."openai:big"]\ninput = 1\noutput = 2\n'
    )
    assert Settings().limits.run_usd == 2
    file.write_text('model = "openai:big"\n[roles]\nfast = "openai:small"\n[limits]\ntenant_usd_per_day = 2\n')
    with pytest.raises(ValidationError, match="what openai:big costs is not known"):
        Settings()
