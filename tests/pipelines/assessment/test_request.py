"""What is refused before a run is made of it: what no model could do, and every request where there are no models."""

import re
from pathlib import Path
from typing import Any

import pytest

from core.catalog import Catalog
from core.errors import InvalidRequest, ModelRequired, NotFound
from core.identity import LOCAL
from core.pipelines.assessment import PIPELINE
from core.settings import Settings
from core.store import open_store
from levada.v1.run_pb2 import AssessmentParameters, RunOptions, RunRequest
from tests.pipelines.assessment import play


def catalog(folder: Path, **settings: Any) -> Catalog:
    found = Settings(store=f"sqlite:///{folder}/runs.db", config="", **settings)
    return Catalog(found, open_store(found.store), folder / "shop.db")


def refused(services: Catalog, **request: Any) -> Exception:
    with pytest.raises((InvalidRequest, NotFound, ModelRequired)) as refusal:
        PIPELINE.check(RunRequest(**{"question": play.TOPIC} | request), services, LOCAL)
    return refusal.value


@pytest.fixture
def staffed(tmp_path: Path) -> Catalog:
    return catalog(tmp_path, roles=play.write(tmp_path))


def test_a_request_that_names_a_topic_is_enough(staffed: Catalog):
    for topic in PIPELINE.sample_questions(staffed, LOCAL):
        PIPELINE.check(RunRequest(question=topic), staffed, LOCAL)


def test_every_field_that_can_not_be_served_is_named(staffed: Catalog):
    error = refused(
        staffed,
        question=" ",
        options=RunOptions(max_attempts=6),
        assessment=AssessmentParameters(difficulty="Hard", sub_topic="s" * 201),
    )
    assert isinstance(error, InvalidRequest)
    assert list(error.violations) == [
        "question",
        "options.max_attempts",
        "assessment.difficulty",
        "assessment.sub_topic",
    ]
    assert "Beginner, Intermediate, Advanced" in error.violations["assessment.difficulty"]


def test_without_models_it_is_refused_with_settings_that_would_do(tmp_path: Path):
    error = refused(catalog(tmp_path))
    assert isinstance(error, ModelRequired)
    assert error.details == {"setting": "roles.strong"}
    assert not error.retryable
    assert re.search(r"\[roles\]\nstrong = ", error.message)
    assert "LEVADA_MODEL=" in error.message


@pytest.mark.parametrize("role", ["strong", "mid", "weak"])
def test_a_role_that_only_the_offline_planner_has_is_named(tmp_path: Path, role: str):
    error = refused(catalog(tmp_path, roles=play.write(tmp_path) | {role: "offline"}))
    assert isinstance(error, ModelRequired)
    assert error.details == {"setting": f"roles.{role}"}


def test_one_model_in_all_roles_is_enough(tmp_path: Path):
    play.write(tmp_path)
    PIPELINE.check(RunRequest(question="Joins"), catalog(tmp_path, model=f"scripted:{tmp_path}/strong.json"), LOCAL)


def test_a_model_that_nobody_configured_is_not_found(staffed: Catalog):
    assert isinstance(refused(staffed, options=RunOptions(models={"weak": "openai:unheard-of"})), NotFound)
