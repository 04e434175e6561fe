"""generate_difficulty_categories: what of the topic can be practised at which level, and which of it is chosen."""

import random

from core.pipeline import Step, step
from core.pipelines.assessment import quality
from core.pipelines.assessment.asking import filled, in_role
from core.pipelines.assessment.forms import LEVELS, Categories
from core.pipelines.assessment.material import TOPIC
from core.pipelines.assessment.results import Topic
from core.pipelines.assessment.steps import CATEGORIES
from core.pipelines.assessment.texts import plain
from core.prompts import quoted
from levada.v1.event_pb2 import CHANNEL_CONTRIBUTION, TextCompleted
from levada.v1.run_pb2 import AssessmentParameters

# A sub-topic shall be found although the topic gives little room to vary.
FREEDOM = 0.7


@step(CATEGORIES)
async def generate_difficulty_categories(step: Step) -> Topic:
    """Have sub-topics named, and choose one: the caller's choice, else a random one."""
    step.progress(CATEGORIES.doing)
    _compare(step)
    topic = step.run.request.question
    asked = quoted(topic, TOPIC)
    categories = await filled(step, "mid", "difficulty_categories", Categories, temperature=FREEDOM, topic=asked)
    told = "\n".join(f"- **{level}**: {'; '.join(topics)}" for level, topics in categories.levels.items())
    step.text(CHANNEL_CONTRIBUTION, told)
    step.emit(TextCompleted(channel=CHANNEL_CONTRIBUTION, text=told))
    quality.tell(step, quality.of_categories(categories, topic))
    difficulty, sub_topic = chosen(step.run.request.assessment, categories)
    step.summary(f"{difficulty}: {sub_topic}")
    return Topic(topic=topic, categories=categories, difficulty=difficulty, sub_topic=sub_topic)


def chosen(wanted: AssessmentParameters, categories: Categories) -> tuple[str, str]:
    """Return difficulty and sub-topic: what is *wanted*, the rest at random, the same for the same seed."""
    chance = random.Random(wanted.seed if wanted.HasField("seed") else None)  # noqa: S311 - nothing is kept secret by it
    sub_topic = " ".join(wanted.sub_topic.split())
    difficulty = level_of(wanted.difficulty) or _level_with(sub_topic, categories) or chance.choice(LEVELS)
    return difficulty, sub_topic or chance.choice(categories.levels[difficulty])


def level_of(name: str) -> str:
    """Return the level called *name*, in whatever case; nothing when there is none."""
    return next((level for level in LEVELS if plain(level) == plain(name)), "")


def _level_with(sub_topic: str, categories: Categories) -> str:
    named = (level for level, topics in categories.levels.items() if plain(sub_topic) in map(plain, topics))
    return next(named, "")


def _compare(step: Step) -> None:
    """Say it when a model is to be told from itself."""
    mid, weak = (in_role(step.run.request, step.run.services, role).name for role in ("mid", "weak"))
    if mid == weak:
        step.progress(
            f"The roles “mid” and “weak” are both {weak}, so its answers can hardly be told apart. "
            "Set a smaller model as weak under [roles] in levada.toml.",
            lasting=True,
        )
