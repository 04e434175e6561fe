"""What a topic comes to, and how forms take what models write: the choice, likelihoods, scores, checkpoints."""

import pytest
from pydantic import ValidationError

from core.models.scripted_language import Answer
from core.pipelines.assessment.forms import LEVELS, Categories, ErrorCatalog, Judgement
from core.pipelines.assessment.topic import chosen
from levada.v1.run_pb2 import AssessmentParameters
from tests.pipelines.assessment import play

CATEGORIES = Categories.model_validate(play.SUB_TOPICS)


def choice(**wanted: object) -> tuple[str, str]:
    return chosen(AssessmentParameters(**wanted), CATEGORIES)


def test_the_same_seed_chooses_the_same_and_seeds_reach_every_sub_topic():
    choices = [choice(seed=seed) for seed in range(300)]
    assert choices == [choice(seed=seed) for seed in range(300)]
    assert {one[1] for one in choices} == {topic for topics in play.SUB_TOPICS.values() for topic in topics}
    assert all(topic in play.SUB_TOPICS[level] for level, topic in choices)


def test_without_a_seed_the_choice_varies():
    assert len({choice() for _ in range(100)}) > 1


def test_a_difficulty_is_kept_and_a_sub_topic_is_of_it():
    for seed in range(30):
        level, topic = choice(difficulty="ADVANCED", seed=seed)
        assert level == "Advanced"
        assert topic in play.SUB_TOPICS["Advanced"]


def test_a_sub_topic_that_was_named_brings_its_level_along():
    assert {choice(sub_topic=" self  joins", seed=seed) for seed in range(30)} == {("Intermediate", "self joins")}


def test_a_sub_topic_of_the_callers_own_is_kept_at_the_difficulty_chosen():
    assert {choice(sub_topic="Hash joins", seed=seed)[0] for seed in range(60)} == set(LEVELS)
    assert choice(sub_topic="Hash joins", difficulty="Beginner") == ("Beginner", "Hash joins")


def test_a_checkpoint_is_read_as_it_was_written():
    assert Categories.model_validate_json(CATEGORIES.model_dump_json(round_trip=True)) == CATEGORIES


def likelihoods(answer: Answer, value: float) -> set[float]:
    errors = [{**one, "likelihood_weak_makes": value} for one in (answer.value or {})["errors"]]
    return {one.likelihood_weak_makes for one in ErrorCatalog(errors=errors).errors}


@pytest.mark.parametrize(("written", "taken"), [(0.7, 0.7), (1, 1), (70, 0.7), (100, 1), (700, 1), (-0.2, 0)])
def test_a_likelihood_in_percent_is_taken_for_what_it_is(written: float, taken: float):
    assert likelihoods(play.catalog(), written) == {taken}


@pytest.mark.parametrize(("written", "taken"), [(7, 7), (0, 1), (11, 10)])
def test_a_score_is_kept_between_1_and_10(written: float, taken: float):
    judged = play.judgement(play.MISTAKES[0]).value or {}
    assert Judgement.model_validate(judged | {"quality_score": written}).quality_score == taken


@pytest.mark.parametrize("count", [5, 7])
def test_a_catalogue_has_exactly_six_errors(count: int):
    errors = ((play.catalog().value or {})["errors"] * 2)[:count]
    with pytest.raises(ValidationError):
        ErrorCatalog(errors=errors)


@pytest.mark.parametrize("count", [2, 6])
def test_a_level_has_three_to_five_sub_topics(count: int):
    with pytest.raises(ValidationError):
        Categories.model_validate(play.SUB_TOPICS | {"Beginner": [f"Topic {number}" for number in range(count)]})
