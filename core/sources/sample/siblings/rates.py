"""What a euro was worth in other currencies on each day of the sample shop, and which currency each country has."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from core.sources.sample.assortment import COUNTRIES
from core.sources.sample.siblings.shop import draw
from core.sources.sample.trading import DAYS


class Rate(NamedTuple):
    """One euro was *rate* of *currency* on *rate_date*."""

    rate_date: date
    currency: str
    rate: float


# Currency, the rate on the first day, how far it moves in a day.
_STARTS = (
    ("USD", 1.09, 0.0035),
    ("GBP", 0.86, 0.0025),
    ("CHF", 0.975, 0.002),
    ("PLN", 4.45, 0.003),
    ("CZK", 23.8, 0.003),
)
_OWN = {"PL": "PLN", "CZ": "CZK"}
_PULL = 0.01
"""How much of its way from the start a rate goes back in a day: it wanders, and does not run away."""

# Number of the country in the shop, its ISO code, its currency.
LEGAL_TENDER = [(number, code, _OWN.get(code, "EUR")) for number, (_, code, _) in enumerate(COUNTRIES, 1)]


def rates() -> Iterator[Rate]:
    """Yield the rate of each day and currency."""
    rng, now = draw(1), {currency: start for currency, start, _ in _STARTS}
    for day in DAYS:
        for currency, start, step in _STARTS:
            now[currency] += _PULL * (start - now[currency]) + rng.gauss(0, step) * start
            yield Rate(day, currency, round(now[currency], 4))
