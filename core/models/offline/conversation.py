"""What kind of question it is: a greeting, one about the service, a "why", a follow-up, one with two meanings."""

import re
from collections.abc import Callable, Sequence

from core.models.base import Ask, Classification, Intent
from core.models.offline import documents
from core.models.offline.followup import whole
from core.models.offline.periods import find_periods
from core.models.offline.words import tokenize

_GREETING = re.compile(
    r"(hi|hello|hey|hey there|hi there|good (morning|afternoon|evening|day)|greetings|thanks|thank you( very much)?|"
    r"bye|goodbye)( levada)?[\s!.,?]*",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(what|which) (can|could|may|should) (i|we) ask( you)?( here)?|what can you (do|answer)|who are you|what are you|"
    r"what is (levada|this)|help( me)?|how (does|do) (this|it|you) work|"
    r"what (data|tables|sources|information) (do you have|are there|is there|is available|are available)( here)?",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"^\s*(why (did|does|do|is|are|was|were|has|have)|what (caused|explains|happened (to|with))|how come|"
    r"what is behind|investigate|explain)\s+(?P<rest>.+?)[\s?.!]*$",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(so )?(drop(ped|s)?|fall(s|en)?|fell|rise[sn]?|rose|go (up|down)|went (up|down)|increase[ds]?|decrease[ds]?|"
    r"decline[ds]?|grow(s|n)?|grew|change[ds]?|jump(ed|s)?|collapse[ds]?|shrink|shrank|(so )?(low|high|bad|good)|"
    r"the (drop|fall|rise|increase|decrease|decline|growth|jump|change) (in|of))\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(each|per|by|both|either|compared?|versus|vs|than|share|percentage|growth|grew|fastest|never|without|average|"
    r"ratio|and|or|not)\b",
    re.IGNORECASE,
)
_BEFORE_TIMES = frozenset({"in", "during", "since", "after", "before", "between", "over", "on", "for"})
_WORDS_OF_A_PLAIN_QUESTION = 10


def classify(ask: Ask, options: Callable[[str], Sequence[str]]) -> Classification:
    """Say what *ask* is; *options* returns the whole questions that a double meaning leaves to choose from."""
    said = ask.question.strip()
    if _GREETING.fullmatch(said):
        return Classification(intent=Intent.GREETING, cause="It is a greeting.", question=said)
    if _ABOUT.fullmatch(said.rstrip("?!. ")):
        return Classification(intent=Intent.ABOUT, cause="It asks about the service itself.", question=said)
    if documents.asked(ask):
        return Classification(intent=Intent.SIMPLE, cause="Documents are searched for it.", question=said)
    question = whole(ask)
    if why := _WHY.match(question):
        course = _course(why["rest"])
        return Classification(intent=Intent.INVESTIGATE, cause="It asks for a cause.", question=course)
    if choices := options(question):
        return Classification(
            intent=Intent.CLARIFY,
            cause="It can be read in several ways.",
            question=question,
            prompt="That can be read in several ways. Which one do you mean?",
            options=list(choices),
        )
    if question != said:
        return Classification(intent=Intent.FOLLOW_UP, cause="It follows the question before.", question=question)
    return _plain(question)


def _course(rest: str) -> str:
    """Return the question that shows where what is asked about changed: its course over time."""
    subject = _timeless(" ".join(_CHANGE.sub(" ", rest).split()))
    return f"{subject} by month" if not re.search(r"\bby (day|week|month|quarter|year)\b", subject) else subject


def _timeless(text: str) -> str:
    """Return *text* without its time phrases: the course shows more than "in March 2025" alone."""
    tokens = tokenize(text)
    for start, end, period in sorted(find_periods(tokens), key=lambda span: span[0] - span[1]):
        if not period.bucket:
            first = start - (start > 0 and tokens[start - 1].lower in _BEFORE_TIMES)
            return _timeless(f"{text[: tokens[first].start]}{text[tokens[end - 1].end :]}")
    return " ".join(text.split())


def _plain(question: str) -> Classification:
    tokens = tokenize(question)
    if len(tokens) > _WORDS_OF_A_PLAIN_QUESTION or len(_SEVERAL.findall(question)) > 1:
        return Classification(intent=Intent.COMPLEX, cause="It combines several things.", question=question)
    return Classification(intent=Intent.SIMPLE, cause="It is a plain question.", question=question)
