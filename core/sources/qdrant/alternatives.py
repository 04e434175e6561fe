"""One of several values, or none of them, as conditions: Qdrant's lists of values are of one type each."""

from collections.abc import Sequence

from core.sources.qdrant.query import Condition, FieldCondition, Filter, IsEmpty, Key, Literal, Match, Range


def alternatives(key: str, values: Sequence[Literal | float], *, but: bool, exact: bool) -> Condition:
    """Return the condition that *key* holds one of *values*, or, if *but*, something that is none of them.

    Not *exact*, they are numbers with fractions, each of which is a range.
    """
    conditions = _by_type(key, values) if exact else [_alike(key, value) for value in values]
    conditions = conditions or [_in(key, [])]  # a filter without conditions would let everything pass
    if but:
        return Filter(must_not=[*conditions, IsEmpty(is_empty=Key(key=key))])
    return conditions[0] if len(conditions) == 1 else Filter(should=conditions)


def _in(key: str, values: Sequence[Literal]) -> Condition:
    return FieldCondition(key=key, match=Match(any=list(values)))


def _alike(key: str, value: Literal | float) -> Condition:
    return FieldCondition(key=key, range=Range(gte=value, lte=value))


def _by_type(key: str, values: Sequence[Literal | float]) -> list[Condition]:
    texts = [value for value in values if isinstance(value, str)]
    flags = [value for value in values if isinstance(value, bool)]
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    lists = [_in(key, found) for found in (texts, numbers) if found]
    return lists + [FieldCondition(key=key, match=Match(value=flag)) for flag in flags]
