"""What kind of thing was said: a greeting, a question about the service, why something happened, or a plain question."""

import re

from core.models.base import Intent
from core.models.offline.words import tokenize

_GREETINGS = re.compile(
    r"^\W*(hi|hello|hey|hiya|howdy|good (morning|afternoon|evening|day)|greetings|thanks?|thank you|bye|goodbye)"
    r"(\W+(there|levada|everyone|all|again|you|so much))*\W*$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^\W*((and )?(what|who) (are|is) (you|levada|this)( exactly)?|what (can|could|do) (you|i) (do|ask|know)( (you|about|here|with).*)?"
    r"|how do(es)? (you|this|it|levada) work|help( me)?|what (data|tables|sources) (do you have|are there|can i ask.*|is there)"
    r"|what (is|are) (in )?(here|available)|tell me about yourself|what questions can i ask.*)\W*$",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"^\W*(so |but |and )?(why|how come|what happened|what (caused|drove|explains|is behind|went wrong)|explain|investigate"
    r"|what('s| is) (going on|wrong|driving|causing)|reasons? (for|why)|look into|dig into|find out why)\b",
    re.IGNORECASE,
)
_COMPLEX = re.compile(
    r"\b(compare|versus|vs|trend|growth|grew|correlat\w+|forecast|percentage|share|ratio|rate|never|both)\b",
    re.IGNORECASE,
)
_LONG = 14


def intent_of(question: str) -> tuple[Intent, str]:
    """Return what kind of question it is, and why."""
    if _GREETINGS.match(question):
        return Intent.GREETING, "It is a greeting."
    if _ABOUT.match(question):
        return Intent.ABOUT, "It asks about this service."
    if _WHY.match(question):
        return Intent.INVESTIGATE, "It asks for causes."
    if _COMPLEX.search(question) or len(tokenize(question)) > _LONG:
        return Intent.COMPLEX, "It combines several things."
    return Intent.SIMPLE, "It asks for one thing."


_CAUSE_WORDS = re.compile(
    r"^\W*(so |but |and )?(why (did|do|does|is|are|was|were|has|have)|how come|what happened (to|with|in)|explain( why)?|investigate"
    r"|what (caused|drove|explains|is behind)|what('s| is) (going on|wrong) with|reasons? (for|why)|look into|dig into"
    r"|find out why)\s*",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(fall|fell|fallen|drop\w*|declin\w*|decreas\w*|go down|went down|down|rise|rose|risen|increas\w*|go up|went up|up|chang\w*"
    r"|so (low|high|few|many|much)|(low|high)|jump\w*|spik\w*|dip\w*|grow\w*|grew|shrink|shrank)\b",
    re.IGNORECASE,
)


def series_question(question: str) -> str:
    """Turn "why did revenue fall in March 2025?" into the question whose answer shows it: revenue by month."""
    said = _CHANGES.sub("", _CAUSE_WORDS.sub("", question)).strip(" ?.!,")
    said = re.sub(r"\b(in|during|last|since|after|before|between|over|this)\b.*$", "", said, flags=re.IGNORECASE).strip(
        " ,"
    )
    return f"{' '.join(said.split())} by month" if said else question
