"""Which model answers: only those that the settings name, by name or by role."""

import json

import pytest

from core.errors import NotFound
from core.models import Models, planner
from core.models.fallback import Fallback
from core.models.language import LanguageModel
from core.settings import ModelSettings, Settings


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key")


def named(model) -> list[str]:
    models = model._models if isinstance(model, Fallback) else [model]
    return [f"{one.provider}:{one.name}" for one in models]


def test_without_settings_the_offline_planner_answers_in_every_role():
    models = Models(Settings())
    assert models.get() is models.get("offline") is models.get(role="strong") is planner()


def test_roles_have_their_models_and_the_others_the_default_one():
    models = Models(Settings(model="openai:big", roles={"fast": "openai:small", "mine": "anthropic:odd"}))
    assert named(models.get()) == named(models.get(role="strong")) == ["openai:big"]
    assert named(models.get(role="fast")) == named(models.get("fast")) == ["openai:small"]
    assert named(models.get("mine")) == ["anthropic:odd"]


def test_a_role_s_model_knows_its_role_and_is_opened_once():
    models = Models(Settings(model="openai:big"))
    assert models.get() is models.get("openai:big")
    assert models.get(role="fast")._caller.role == "fast"
    assert models.get(role="fast")._model is models.get()._model


def test_several_names_are_tried_in_order_and_the_planner_at_the_end_stands_in_anyway():
    models = Models(Settings(model="openai:big, anthropic:claude,offline"))
    assert named(models.get()) == ["openai:big", "anthropic:claude"]
    assert named(models.get("anthropic:claude")) == ["anthropic:claude"]


def test_the_planner_stands_nowhere_but_at_the_end():
    with pytest.raises(NotFound, match="offline comes last"):
        Models(Settings(model="openai:big,offline,openai:small")).get()


@pytest.mark.parametrize("name", ["openai:other", "scripted:/etc/passwd", "bedrock:x", "weather", "openai:"])
def test_what_the_settings_do_not_name_is_no_model(name):
    models = Models(Settings(model="openai:big", models={"openai:known": ModelSettings()}))
    with pytest.raises(NotFound, match="There are: openai:big, openai:known, offline") as caught:
        models.get(name)
    assert caught.value.details == {"model": name}
    assert named(models.get("openai:known")) == ["openai:known"]


def test_models_of_one_server_share_their_places_and_the_fewest_count():
    own, local = ModelSettings(concurrency=3), ModelSettings(base_url="http://key:word@localhost:1/v1")
    named_models = {"openai:a": own, "openai:b": ModelSettings(concurrency=2), "openai:c": local}
    models = Models(Settings(model="openai:a", models=named_models))
    a, b, c = (models.get(name)._vendor for name in named_models)
    assert a is b is not c
    assert a._places._value == 2
    assert c.name == "The model server at localhost:1"


def test_a_script_says_itself_whether_it_plays_a_language_model(tmp_path):
    for name, script in (("language", {"language": ["one"]}), ("planner", {"drafts": ["no"]})):
        path = tmp_path / name
        path.write_text(json.dumps(script), encoding="utf-8")
        model = Models(Settings(model=f"scripted:{path}")).get()
        assert isinstance(model, LanguageModel) == (name == "language")


def test_every_model_is_listed_with_its_roles_the_default_one_first():
    models = Models(
        Settings(
            model="openai:big,offline",
            roles={"fast": "openai:small", "strong": "openai:big"},
            models={"openai:spare": ModelSettings()},
        )
    )
    assert models.names == {
        "openai:big": ["default", "strong"],
        "offline": [],
        "openai:small": ["fast"],
        "openai:spare": [],
    }
