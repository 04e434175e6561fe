"""Questions in the words of shopkeepers said again in the words the grammar reads: "best selling products in Germany"
is "top 10 products by revenue in Germany", "orders per month" the number of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from core.models.offline import ir
from core.models.offline.catalog import Catalog, Table
from core.models.offline.chunks import Chunk
from core.models.offline.words import lemma

_INCOME = ("revenue", "sale", "turnover", "income", "earnings")
_PIECES = frozenset({"quantity", "qty"})
_GOODS = frozenset({"product", "item", "article", "good"})
_ORDERS = (("order",), ("purchase",), ("sale",))
_MANY = 10
_BEST = r"(?P<end>best|top|most|worst|least|poorest)"
# What follows "sells the most" else is what it sells most of: units, not revenue.
_WHEN_OR_WHERE = "in|on|at|during|since|before|after|between|from|to|for|by|per|over|last|this|today|yesterday|ever|so"
_SELLING = re.compile(
    rf"^(?P<lead>.*?)\b((?P<before>\d+)\s+)?{_BEST}[\s-]+(?P<more>\d+\s+)?((best|top|worst)[\s-]+)?"
    rf"(selling|sold)\s+(?P<what>[\w-]+)(?P<rest>.*)$",
    re.IGNORECASE,
)
_HELPING = "did|do|does|has|have|is|are|was|were"
_SOLD = re.compile(
    rf"^(which|what)\s+((?P<before>\d+)\s+)?(ones?\s+|of\s+(them|these|ours)\s+)?"
    rf"((?P<what>(?!(?:{_HELPING})\b)[\w -]+?)\s+)?((?:{_HELPING})\s+(we\s+)?)?((been|being)\s+)?"
    rf"(sold|sells?|selling)\s+(the\s+)?{_BEST}\b(?P<rest>(\s+({_WHEN_OR_WHERE})\b.*)?)$",
    re.IGNORECASE,
)
_SELLERS = re.compile(
    rf"^(?P<lead>.*?)\b((?P<before>\d+)\s+)?{_BEST}[\s-]*(?P<more>\d+\s+)?((best|top)[\s-]*)?sellers?\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_BOUGHT = re.compile(
    r"^what\s+(did|do|does|have|has|had)\s+(?P<who>(?!(?:we|i|you|they)\b).+?)\s+(buy|bought|purchased?|order(ed)?)\b"
    r"(?P<rest>.*)$",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\b(best|top)(selling|sellers?)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"(what|which|who|is|are|was|were|our|the|my|show|list|give|me|tell|a|of|us|please|find|\s)*", re.IGNORECASE
)
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_MONTHS_OF_A_YEAR = re.compile(
    rf"\b(between|from)\s+({_MONTHS})\s+(?:and|to|until|till|through)\s+({_MONTHS})\s+((?:of\s+)?\d{{4}})\b",
    re.IGNORECASE,
)
_YEAR_BEHIND = re.compile(r"\b((?:by|per)\s+[a-z]+)\s+((?:19|20)\d\d)$", re.IGNORECASE)
_PER = frozenset({"per", "by", "for each", "in each", "for every"})
_NARROWING = frozenset({"in", "from", "during", "since", "on"})
_UNITS = frozenset({"year", "quarter", "month", "week", "day", "weekday", "hour"})


def reworded(question: str, catalog: Catalog, metrics: Mapping[tuple[str, ...], ir.Metric]) -> str:
    """Return *question*, what sells best said as a ranking by a figure that the source has."""
    question = _MONTHS_OF_A_YEAR.sub(r"between \2 \4 and \3 \4", question)
    question = dated(question)
    text = _JOINED.sub(r"\1 \2", question.strip().rstrip("?.! "))
    if (bought := _BOUGHT.match(text)) and (measured := what_is_bought(catalog, metrics)):
        return f"{measured} for {bought['who']}{bought['rest']}"
    figure = _figure(catalog, metrics)
    if figure is None:
        return question
    for pattern in (_SOLD, _SELLING, _SELLERS):
        found = pattern.match(text)
        if found and _LEAD.fullmatch(found.groupdict().get("lead") or ""):
            what = found.groupdict().get("what") or _goods(catalog)
            if what and lemma(what.split()[-1]) not in ("price", "cost"):
                return _ranking(found, what, figure)
    return question


def dated(question: str) -> str:
    """Return *question* with the "in" that "by country 2025" leaves out."""
    return _YEAR_BEHIND.sub(r"\1 in \2", question.rstrip("?.! "))


def _ranking(found: re.Match[str], what: str, figure: str) -> str:
    said = found.groupdict()
    *_, noun = what.lower().split()
    number = said.get("before") or said.get("more") or (_MANY if lemma(noun) != noun else 1)
    end = "bottom" if said["end"].lower() in ("worst", "least", "poorest") else "top"
    return f"{end} {str(number).strip()} {what} by {figure}{said['rest']}"


def what_is_bought(catalog: Catalog, metrics: Mapping[tuple[str, ...], ir.Metric], what: str = "") -> str | None:
    """Return the figure that says how much was bought of each thing, or of each *what*; None where there is none."""
    orders = (f"number of {table.name}" for table in catalog.tables.values() if table.words[-1:] in _ORDERS)
    figure, what = _figure(catalog, metrics) or next(orders, None), what or _goods(catalog) or ""
    return f"{figure} by {what}" if figure and what else None


def income(metrics: Mapping[tuple[str, ...], ir.Metric]) -> str | None:
    """Return the figure of the business that says how much money came in."""
    for wanted in (*_INCOME, "sell"):
        for phrase, metric in metrics.items():
            if wanted in phrase and "/" not in metric.sql:
                return metric.name
    return None


def _figure(catalog: Catalog, metrics: Mapping[tuple[str, ...], ir.Metric]) -> str | None:
    """Return how what sells is measured here: by money as defined, else by pieces."""
    if money := income(metrics):
        return money
    columns = (column for table in catalog.tables.values() for column in table.columns)
    pieces = [column for column in columns if column.numeric and _PIECES & set(column.words)]
    return f"total {pieces[0].name}" if len(pieces) == 1 else None


def _goods(catalog: Catalog) -> str | None:
    named: Iterable[Table] = (table for table in catalog.tables.values() if len(table.words) == 1)
    return next((table.name for table in named if table.words[0] in _GOODS), None)


def counts(question: str, chunks: Sequence[Chunk]) -> str:
    """Return *question* with "number of" before rows that it asks for per something: "orders per month"."""
    place = 1 if chunks and chunks[0].chosen == "cue" and chunks[0].cue("lead") else 0
    first = place
    while place < len(chunks) and (chunks[place].chosen == "value" or chunks[place].text.lower() in ("the", "me")):
        place += 1
    if place >= len(chunks) or not _rows(chunks[place]):
        return question
    after = [chunk for chunk in chunks[place + 1 :] if chunk.text not in "?.!"]
    if not (_grouped(_behind_conditions(after), lead=first > 0) or _periods_compared(after)):
        return question
    return f"number of {' '.join(chunk.text for chunk in chunks[first:])}"


def _rows(chunk: Chunk) -> bool:
    return chunk.table is not None and chunk.chosen == "name" and chunk.table_score >= chunk.column_score


def _behind_conditions(after: Sequence[Chunk]) -> Sequence[Chunk]:
    """Leave out what narrows the rows before the group: "in June 2026", "from Germany"."""
    narrow = takewhile(lambda chunk: chunk.chosen in ("period", "value") or chunk.text.lower() in _NARROWING, after)
    return after[len(list(narrow)) :]


def _grouped(after: Sequence[Chunk], lead: bool) -> bool:
    """Say whether a group follows first: rows, a text or a time. A number would be an order."""
    if len(after) < 2 or after[0].text.lower() not in _PER or (lead and after[0].text.lower() == "by"):
        return False
    by = after[1]
    if by.text.lower() in _UNITS:
        return True
    if by.chosen != "name" or (len(after) > 2 and after[2].chosen in ("value", "literal")):
        return False
    return by.table is not None or bool(by.column and not (by.column.numeric and not by.column.identifying))


def _periods_compared(after: Sequence[Chunk]) -> bool:
    periods = sum(1 for chunk in after if chunk.chosen == "period" or chunk.number is not None)
    return periods == 2 and any(chunk.cue("versus") for chunk in after)
