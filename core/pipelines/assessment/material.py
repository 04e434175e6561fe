"""What prompts show of what was made before: all of it was written by people or models, so all of it is quoted."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.pipelines.assessment.forms import Challenge, Mistake
from core.pipelines.assessment.results import Feedback, Topic, Why
from core.prompts import Ours, quoted

TOPIC = 10_000
SHORT = 1_000
TEXT = 8_000
ANSWER = 16_000
EXERCISE = 24_000

_ADVICE = {
    Why.BOTH_AVOIDED: "Both models avoided every mistake: set subtler traps.",
    Why.NEITHER_SUCCEEDED: "Neither model succeeded, the task is too ambiguous or too hard: make clear what is right.",
    Why.JUDGED: "It did not tell the models apart. The judge said:",
    Why.UNUSABLE: "It could not be used:",
}


def about(topic: Topic) -> dict[str, Any]:
    return {
        "topic": quoted(topic.topic, TOPIC),
        "level": Ours(topic.difficulty),
        "sub_topic": quoted(topic.sub_topic, SHORT),
    }


def posed(challenge: Challenge) -> Mapping[str, Any]:
    return {
        "title": quoted(challenge.title, SHORT),
        "context": quoted(challenge.context, TEXT),
        "question": quoted(challenge.question_text, TEXT),
        "artifact": Ours(challenge.artifact_type),
    }


def lines(texts: Sequence[str]) -> list[Ours]:
    return [quoted(text, SHORT) for text in texts]


def mistakes(known: Sequence[Mistake]) -> list[Ours]:
    """Return mistakes with all that those who write have to know."""
    return [
        Ours(
            f"{quoted(one.mistake, SHORT)}; wrong because {quoted(one.why_wrong, SHORT)}; "
            f"recognised by {quoted(one.match_hint, SHORT)}; impact {one.impact}"
        )
        for one in known
    ]


def feedback(earlier: Sequence[Feedback]) -> list[Ours]:
    said = []
    for one in earlier:
        title = f"{quoted(one.title, SHORT)}: " if one.title else ""
        said.append(Ours(f"{title}{_ADVICE[one.why]} {quoted(one.said, TEXT)}".strip()))
    return said


def answer(text: str) -> Ours:
    return quoted(text, ANSWER)
