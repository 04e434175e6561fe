"""What a run under way asks of its store: a database that is away is waited for, one that refuses is not."""

import pytest
from sqlalchemy.exc import ProgrammingError

from core.errors import StoreError
from core.store import faults
from core.store.faults import insist, speaking


class Asked:
    """A question that fails with *errors*, one after the other, before it is answered."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.times = 0

    async def __call__(self) -> str:
        self.times += 1
        with speaking():
            if self.errors:
                raise self.errors.pop(0)
        return "answer"


async def test_a_database_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(faults, "AGAIN", 0)
    asked = Asked(ConnectionRefusedError(), FileNotFoundError())
    assert await insist(asked) == "answer"
    assert asked.times == 3


async def test_a_question_that_the_database_refuses_is_not_asked_again():
    asked = Asked(ProgrammingError("SELECT", None, Exception()))
    with pytest.raises(StoreError):
        await insist(asked)
    assert asked.times == 1


async def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(faults, "PATIENCE", -1)
    with pytest.raises(StoreError):
        await insist(Asked(ConnectionRefusedError()))
