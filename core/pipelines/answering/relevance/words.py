"""Words as they are compared here: split, folded, without their plural."""

import re
import unicodedata
from functools import lru_cache

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")

# Words that questions are made of and that say nothing about data.
COMMON = frozenset(
    _PARTS.findall(
        "a about all an and any are as at be been between by can could did do does each every for from get "
        "give had has have how i in into is it its last least list many me more most much my new no not of on "
        "or our over per please show since so some tell than that the their them there these this those to "
        "top up us was we were what when where which who whose why will with within would you your "
    )
)


@lru_cache(50_000)
def folded(text: str) -> str:
    """Return *text* in lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@lru_cache(50_000)
def stem(word: str) -> str:
    """Return *word* without an English plural; a match needs both sides to lose the same."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def words(text: str) -> list[str]:
    """Return the stems of the words in *text*, also of names like `orderItems` and `order_items`."""
    return [stem(folded(part)) for part in _PARTS.findall(unicodedata.normalize("NFKC", text))]


def telling(text: str) -> list[str]:
    """Return the stems of those words in *text* that say something about data."""
    return [word for word in words(text) if word not in COMMON]
