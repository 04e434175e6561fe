"""Every case in cases/: refused by the rule that stands over it, or let through with its meaning kept."""

import pytest

from core.errors import QueryRefused
from core.sources.guard import check
from tests.sources.guard import shop
from tests.sources.guard.case import Case, cases
from tests.sources.guard.conftest import Run


@pytest.mark.parametrize("case", cases(allowed=False), ids=str)
def test_a_forbidden_query_is_refused_by_its_rule(case: Case):
    with pytest.raises(QueryRefused) as refused:
        check(case.sql, dialect=case.dialect, readable=shop.readable(case.dialect), row_limit=100)
    assert refused.value.rule == case.rule
    assert refused.value.message.endswith((".", "?"))


@pytest.mark.parametrize("case", cases(allowed=True), ids=str)
def test_an_allowed_query_passes_again_as_it_was_written(case: Case):
    first = check(case.sql, dialect=case.dialect, readable=shop.readable(case.dialect), row_limit=100)
    second = check(first.text, dialect=case.dialect, readable=shop.readable(case.dialect), row_limit=100)
    assert second == first


@pytest.mark.parametrize("case", [case for case in cases(allowed=True) if case.dialect != "mysql"], ids=str)
def test_the_written_query_gives_the_rows_of_the_original(case: Case, engines: dict[str, Run]):
    written = check(case.sql, dialect=case.dialect, readable=shop.readable(case.dialect), row_limit=100)
    run = engines[case.dialect]
    assert repr(run(written.text)) == repr(run(case.sql))


@pytest.mark.parametrize("case", [case for case in cases(allowed=True) if case.dialect != "mysql"], ids=str)
def test_stars_spelled_out_give_the_same_rows(case: Case, engines: dict[str, Run]):
    nothing_known_of_others = shop.Readable.of(shop.schema(case.dialect))
    written = check(case.sql, dialect=case.dialect, readable=nothing_known_of_others, row_limit=100)
    run = engines[case.dialect]
    assert repr(run(written.text)) == repr(run(case.sql))
