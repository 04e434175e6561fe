"""Texts that a SQLite file holds are kept as they are where the wire would write the very same."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sources.base import Batch, Written
from core.sources.rows import encode
from core.sources.sqlite.types import fit
from levada.v1.event_pb2 import ResultColumn

days = st.dates().map(str)
moments = st.datetimes().map(lambda moment: str(moment.replace(microsecond=0)))
odd_moments = st.datetimes().map(str) | st.sampled_from(
    ["2026-W01-1T13:00:00", "20260131T13:00:00.5", "2026-01-31x13:00:00", "2026-01-31", "2026-01-31 13:00"]
)


def encoded(native: str, values: list[object]) -> tuple[list[object], list[str]]:
    form = fit(native, values)
    column = ResultColumn(name="x", type=form.kind)
    fitted = form.apply(values)
    return list(fitted), list(encode(Batch([fitted], len(values)), [column]).columns[0].texts.values)


@given(st.lists(days, min_size=1))
def test_days_are_sent_as_days(values):
    assert encoded("DATE", values) == (list(map(date.fromisoformat, values)), values)


@given(st.lists(moments | moments.map(lambda text: text.replace(" ", "T")) | odd_moments, min_size=1))
def test_moments_are_sent_as_iso_whatever_their_form(values):
    try:
        parsed = [datetime.fromisoformat(value) for value in values]
    except ValueError:
        return
    if set(map(len, values)) != {10}:
        assert encoded("TIMESTAMP", values) == (parsed, [moment.isoformat() for moment in parsed])


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1))
def test_figures_are_sent_with_the_digits_that_they_were_written_with(values):
    assert encoded("DECIMAL(12,2)", list(map(float, values))) == (values, [f"{value + 0:.2f}" for value in values])


def test_the_usual_forms_need_no_writing():
    for native, value in (("DATE", "2026-01-31"), ("TIMESTAMP", "2026-01-31 13:05:00"), ("DECIMAL(9,2)", 12.5)):
        assert isinstance(fit(native, [value]).apply([value]), Written)


@pytest.mark.parametrize("value", ["2026-02-30", "2026-1-31", "2026.01.31", "２026-01-31"])
def test_what_is_no_day_is_not_sent_as_one(value):
    form = fit("DATE", ["2026-01-31"])
    with pytest.raises(ValueError):
        form.apply(["2026-01-30", value])


def test_huge_figures_are_plain_digits():
    assert encoded("DECIMAL(10,2)", [1e22])[1] == [format(Decimal("1e22"), ".2f")]
