"""Names and numbers as people read them: "order_count" as "order count", 17679447.9 as "17,679,448 EUR"."""

import math
import re
from collections.abc import Sequence

_WHOLE = {
    "avg": "average",
    "cnt": "count",
    "qty": "quantity",
    "num": "number of",
    "pct": "percent",
    "min": "smallest",
    "max": "largest",
    "desc": "description",
    "addr": "address",
    "dob": "date of birth",
}
_FUNCTIONS = {"sum": "total", "avg": "average", "min": "smallest", "max": "largest"}
_CALL = re.compile(r"\s*(\w+)\s*\(\s*(distinct\s+)?([^()]*?)\s*\)\s*", re.IGNORECASE)
_CURRENCIES = {"EUR", "USD", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "€", "$", "£"}


_UNCOUNTED = {
    "staff", "personnel", "people", "weather", "equipment", "inventory", "stock", "data", "information", "feedback",
    "news", "series", "music", "batting", "pitching", "fielding", "evidence", "furniture", "software", "traffic",
}  # fmt: skip


def tokens(name: str) -> list[str]:
    """Split a column's name: "unitPrice", "unit_price" and "Unit Price" alike."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", re.sub(r"^\w+\.(?=\w+$)", "", name))
    return re.findall(r"[^\W_]+", spaced.lower())


def human(name: str) -> str:
    """Return a column's name in words."""
    if call := _CALL.fullmatch(name):
        function, distinct, inner = call[1].lower(), call[2], call[3]
        if function == "count":
            return f"number of different {pluralise(human(inner))}" if distinct else "count"
        what = f" {human(inner)}" if re.fullmatch(r"[\w.\"`]+", inner) else ""
        return f"{_FUNCTIONS.get(function, function)}{what}"
    if re.search(r"[()*/+]", name):
        return "value"
    words = tokens(name)
    if len(words) > 1 and words[-1] in ("at", "on"):
        words = words[:-1]
    return " ".join(_WHOLE.get(word, word) for word in words) or name.strip() or "value"


def title(text: str, longest: int = 60) -> str:
    """Capitalise *text* and cut it at a word so that it has at most *longest* characters."""
    text = " ".join(text.split()).rstrip("?.! ")
    text = text[:1].upper() + text[1:]
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return (cut[: cut.rindex(" ")] if " " in cut[longest // 2 :] else cut).rstrip(" ,;:-") + "…"


def number(value: float, unit: str = "", *, exact: bool = False) -> str:
    """Write *value* with thousands separators and only as many decimals as help; *exact* keeps cents."""
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-6:
        return f"{value:.3g}{f' {unit}' if unit else ''}"
    decimals = _decimals(size, unit, exact)
    text = f"{value:,.{decimals}f}"
    if decimals and unit not in _CURRENCIES and not (exact and decimals == 2 and size >= 100):
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    return f"{text.replace('-', '−')}{f' {unit}' if unit else ''}"


def _decimals(size: float, unit: str, exact: bool) -> int:
    if unit in _CURRENCIES:
        return 2 if exact or size < 10_000 else 0
    if size == int(size) or (size >= 1_000 and not exact):
        return 0
    if size >= 100 and not exact:
        return 1
    if unit == "%":
        return 1 if size >= 0.1 else 2
    return 2 if size >= 1 else 2 - math.floor(math.log10(size))


def percent(share: float) -> str:
    """Write a share (0.5) as "50 %"."""
    value = share * 100
    if 0 < abs(value) < 0.1:
        return "less than 0.1 %"
    decimals = 0 if abs(value) >= 100 or value == int(value) else 1
    return f"{value:,.{decimals}f} %".replace("-", "−").replace(".0 %", " %")


def compared(value: float, before: float, unit: str = "") -> str:
    """Say how *value* stands to *before*, which is above zero: percentages by points, other figures by percent."""
    share = value / before - 1
    if abs(share) < 0.0005:
        return "as much as"
    apart = f"{number(abs(value - before))} percentage points" if unit == "%" else percent(abs(share))
    return f"{apart} {'more' if share > 0 else 'less'} than"


def times(ratio: float) -> str:
    """Write how many times as much: "2.4 times", "12 times"."""
    return f"{ratio:,.1f} times" if ratio < 10 else f"{ratio:,.0f} times"


def listed(words: Sequence[str]) -> str:
    """Join *words* as a sentence does."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def plural(count: int, noun: str, several: str = "") -> str:
    return f"{count:,} {noun if count == 1 else several or pluralise(noun)}"


def pluralise(noun: str) -> str:
    """Return *noun* for several; *staff* and the like are several already."""
    if noun.rpartition(" ")[2] in _UNCOUNTED:
        return noun
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun if noun.endswith("s") and not noun.endswith("ss") else noun + "es"
    return noun + "s"


def several(name: str) -> str:
    """Return what the rows of the table *name* are: "order" is "orders"."""
    return pluralise(human(name))


def singular(noun: str) -> str:
    """Return *noun* for one of several: "categories" is "category"."""
    for ending, one in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")):
        if noun.endswith(ending) and len(noun) > len(ending) + 1:
            return noun.removesuffix(ending) + one
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def stopped(text: str) -> str:
    """End *text* with a full stop, unless it has one already ("S.r.l.")."""
    return text if text.endswith(".") else f"{text}."
