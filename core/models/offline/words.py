"""Words of questions and of names: tokens, lemmas, numbers. Nothing here knows a schema."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import simplemma

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"|“[^”]*”|``[^`']*''|(?<![\w])'(?:[^']|'(?=\w))+'(?!\w)|‘[^’]*’)
      | (?P<date>\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?|\d{1,2}/\d{1,2}/\d{4})
      | (?P<number>(?<![\w])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w])|(?<![\w])-?\d+(?:\.\d+)?(?![\w.-]*[^\W\d]))
      | (?P<word>[\w&@#%+]+(?:[-.'’/@:][\w@]+)*)
      | (?P<mark>[,;?!.():=<>$€£])""",
    re.VERBOSE,
)
_POSSESSIVE = re.compile(r"(?:'s|’s|'|’)$")
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_CARDINALS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
NUMBERS = {word: number for number, word in enumerate(_CARDINALS)}
NUMBERS |= {"fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100, "thousand": 1000, "dozen": 12}
NUMBERS |= {"once": 1, "twice": 2}
_SHORT = re.compile(r"(\d+(?:\.\d+)?)([kKmM])")
_SPELLINGS = (
    ("enrolment", "enrollment"),
    ("isation", "ization"),
    ("programme", "program"),
    ("licence", "license"),
    ("colour", "color"),
    ("favour", "favor"),
    ("centre", "center"),
    ("theatre", "theater"),
)
_MAGNITUDES = {"k": 1_000, "thousand": 1_000, "million": 1_000_000, "m": 1_000_000, "billion": 1_000_000_000}
# Lemmas that the dictionary gets wrong for what databases hold, or leaves alone.
_OWN_LEMMAS = {"people": "person", "men": "man", "women": "woman", "data": "data", "species": "species"}
_OWN_LEMMAS |= {"addresses": "address", "movies": "movie", "courses": "course", "classes": "class", "media": "media"}
_OWN_LEMMAS |= {"left": "left", "last": "last", "least": "least", "most": "most", "more": "more", "less": "less"}
_OWN_LEMMAS |= {"better": "better", "best": "best", "worse": "worse", "worst": "worst", "building": "building"}
_OWN_LEMMAS |= {
    "rating": "rating",
    "meeting": "meeting",
    "training": "training",
    "price": "price",
    "species": "species",
}


@dataclass(frozen=True)
class Token:
    """A word of the question: *text* as typed (quotes taken off), *kind* word, number, quoted, date or mark."""

    text: str
    kind: str
    start: int
    end: int
    possessive: bool = False

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def lemma(self) -> str:
        return lemma(self.text)

    @property
    def number(self) -> float | int | None:
        """The number it says, in figures or words."""
        if self.kind == "number":
            plain = self.text.replace(",", "")
            return float(plain) if "." in plain else int(plain)
        return NUMBERS.get(self.lower) if self.kind == "word" else None


_FIRST_AND_LAST = re.compile(r"\bfirst(?: names?)?(,| and| or|/) ?last (names?)\b", re.IGNORECASE)


_FIRST_MIDDLE_LAST = re.compile(r"\bfirst, middle,? and last (names?)\b", re.IGNORECASE)
_FULL = re.compile(r"\bfull names?(?: ?\(.*?\))?", re.IGNORECASE)


def plain(question: str, first_and_last: bool = False) -> str:
    """Return *question* with shared words said twice: "first and last name" is "first name and last name".

    With *first_and_last*, names are stored in two parts, and so is a "full name".
    """
    if first_and_last:
        question = _FULL.sub("first name and last name", question)
    question = _FIRST_MIDDLE_LAST.sub(r"first name, middle name and last \1", question)
    return _FIRST_AND_LAST.sub(r"first name and last \2", question)


def tokenize(question: str) -> list[Token]:
    """Split *question* into tokens; quoted text stays one token."""
    tokens = []
    for match in _TOKEN.finditer(question):
        kind, text = match.lastgroup or "word", match.group()
        possessive = False
        if kind == "quoted":
            text = text.strip("\"“”'‘’`").strip()
            if not text:
                continue
        elif kind == "word":
            bare = _POSSESSIVE.sub("", text)
            following = question[match.end() : match.end() + 2]
            possessive = bare != text or (following[:1] in "'’" and following[1:2] in (" ", ""))
            text = bare
        tokens.append(Token(text, kind, match.start(), match.end(), possessive))
    return _magnified(tokens)


def _magnified(tokens: Sequence[Token]) -> list[Token]:
    """Join "2 million" and "5k" into one number each."""
    joined: list[Token] = []
    for token in tokens:
        factor = _MAGNITUDES.get(token.lower) if token.kind == "word" and len(token.text) > 1 else None
        short = _SHORT.fullmatch(token.text) if token.kind == "word" else None
        if (factor or token.lower == "k") and joined and joined[-1].kind == "number":
            number = joined.pop()
            value = (number.number or 0) * (factor or 1_000)
            joined.append(Token(str(int(value)), "number", number.start, token.end))
        elif short:
            value = float(short[1]) * _MAGNITUDES[short[2].lower()]
            joined.append(Token(str(int(value)), "number", token.start, token.end))
        else:
            joined.append(token)
    return joined


@lru_cache(maxsize=50_000)
def lemma(word: str) -> str:
    """Return the dictionary form of *word*, in lower case, British spelling made American."""
    low = word.lower()
    if low in _OWN_LEMMAS:
        return _OWN_LEMMAS[low]
    if not low.isalpha() or len(low) < 3:
        return low
    found = simplemma.lemmatize(low, lang="en").lower()
    if found == low and len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")):
        found = low[:-3] + "y" if low.endswith("ies") else low[:-1]
    return american(found)


def american(word: str) -> str:
    for british, other in _SPELLINGS:
        word = word.replace(british, other)
    if word.endswith("ise") and word not in {"rise", "raise", "exercise", "enterprise", "franchise", "wise", "promise"}:
        return word[:-3] + "ize"
    return "cancel" if word in {"cancelled", "canceled", "cancelling"} else word


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return what *word* shares with words of its family: enrollment and enroll, nomination and nominate."""
    low = lemma(word)
    for ending in ("ization", "ation", "ition", "ment", "ance", "ence", "ing", "ion", "ity", "er", "or", "ed", "ate",
                   "al", "ly", "e", "y"):  # fmt: skip
        if low.endswith(ending) and len(low) - len(ending) >= 4:
            return low[: -len(ending)]
    return low


@lru_cache(maxsize=50_000)
def split_name(name: str) -> tuple[str, ...]:
    """Return the words of an identifier, in lower case: "orderItem_ID" gives order, item, id."""
    parts = re.split(r"[^\w]+|_+", name)
    return tuple(word.lower() for part in parts for word in _CAMEL.split(part) if word)


def fold(text: str) -> str:
    """Return *text* without case and doubled spaces, for comparing."""
    return " ".join(text.lower().split())
