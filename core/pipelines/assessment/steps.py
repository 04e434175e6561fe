"""The steps of `assessment` as they are announced. The seven are numbered by their place; `conclude` says what came."""

from core.pipeline import StepSpec
from levada.v1.event_pb2 import CATEGORY_ACTION, CATEGORY_CHECK, CATEGORY_THINKING, Category

# How long one step may take; a model has patience of its own within it.
SECONDS = 150.0
ADVICE = "Ask again, or set quicker models for the roles “strong”, “mid” and “weak”."


def _step(name: str, title: str, doing: str, icon: str, category: Category, progress: float) -> StepSpec:
    reads = ("question", "models") if progress == 0 else ("models",)
    return StepSpec(name, title, doing, icon, category, progress, SECONDS, reads=reads, advice=ADVICE)


CATEGORIES = _step(
    "generate_difficulty_categories",
    "Generate difficulty categories",
    "Finding what of the topic is easy and what is hard...",
    "🗂️",
    CATEGORY_THINKING,
    0.0,
)
CATALOG = _step(
    "generate_error_catalog",
    "Generate error catalog",
    "Collecting mistakes that people make here...",
    "🐞",
    CATEGORY_THINKING,
    0.1,
)
CHALLENGE = _step(
    "generate_challenge", "Generate challenge", "Writing a challenge with traps...", "🧩", CATEGORY_ACTION, 0.25
)
STRONG = _step(
    "answer_strong_enough",
    "Answer by the mid model",
    "A model that is strong enough answers...",
    "🎓",
    CATEGORY_ACTION,
    0.4,
)
WEAK = _step("answer_weak", "Answer by the weak model", "A weak model answers...", "🐣", CATEGORY_ACTION, 0.4)
JUDGE = _step("judge", "Judge both answers", "Holding both answers against the mistakes...", "⚖️", CATEGORY_CHECK, 0.6)
EXERCISE = _step(
    "create_assessment", "Create assessment", "Writing a text with errors to be found...", "📝", CATEGORY_ACTION, 0.8
)
CONCLUDE = StepSpec("conclude", "Conclude", "Saying what came of it...", "🏁", CATEGORY_CHECK, 0.98, conditional=True)

SEVEN = (CATEGORIES, CATALOG, CHALLENGE, STRONG, WEAK, JUDGE, EXERCISE)
STEPS = (*SEVEN, CONCLUDE)
NUMBERS = {spec.name: number for number, spec in enumerate(SEVEN, 1)}
