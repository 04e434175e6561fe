"""Customers of the sample shop: who they are, when they came, how often they buy."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from core.sources.sample.goods import Row
from core.sources.sample.names import LANDS, Land
from core.sources.sample.trading import HOURS, LAST_DAY, utc_offset

CUSTOMERS = 24_000
MAIL_HOSTS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True)
class Customer:
    """Someone with an account: *eagerness* is how much they buy compared to others; many never do."""

    number: int
    land: Land
    registered: date
    eagerness: float


def customers(rng: Random) -> list[Customer]:
    """All customers in the order in which they registered."""
    drawn = []
    for _ in range(CUSTOMERS):
        land = rng.choices(LANDS, [land.share for land in LANDS])[0]
        opened = date.fromisoformat(land.opened)
        # An exponent below one makes later days likelier: the shop grows.
        registered = opened + timedelta(days=int((LAST_DAY - opened).days * rng.random() ** 0.62))
        eagerness = 0.0 if rng.random() < 0.12 else min(rng.paretovariate(1.6), 30.0)
        drawn.append((registered, land, eagerness))
    drawn.sort(key=lambda one: one[0])
    return [Customer(number, land, day, eager) for number, (day, land, eager) in enumerate(drawn, 1)]


def customer_rows(rng: Random, made: list[Customer]) -> Iterator[Row]:
    for one in made:
        land = one.land
        first, last = _popular(rng, land.first_names), _popular(rng, land.last_names)
        born = LAST_DAY - timedelta(days=round(rng.triangular(18 * 365, 88 * 365, 38 * 365)))
        yield (
            one.number,
            first,
            last,
            _mostly(rng, 0.96, f"{ascii_word(first)}.{ascii_word(last)}{one.number}@{rng.choice(MAIL_HOSTS)}"),
            _mostly(rng, 0.62, f"{land.dial} {int(rng.uniform(200, 999))} {int(rng.uniform(100_000, 999_999))}"),
            _mostly(rng, 0.71, str(born)),
            _popular(rng, land.cities),
            LANDS.index(land) + 1,
            rng.random() < 0.37,
            moment(rng, one.registered, land),
        )


def moment(rng: Random, day: date, land: Land, hour: int | None = None) -> str:
    """Return a time on *day* on the clock of *land*, with its offset from UTC."""
    hour = rng.choice(HOURS) if hour is None else hour
    minute, second = divmod(int(rng.random() * 3600), 60)
    return f"{day} {hour:02}:{minute:02}:{second:02}+{utc_offset(day, land.utc_offset):02}:00"


def _mostly(rng: Random, share: float, value: str) -> str | None:
    return value if rng.random() < share else None


def _popular(rng: Random, words: tuple[str, ...]) -> str:
    """Draw with a long tail: the first words are much likelier than the last."""
    return words[int(len(words) * rng.random() ** 1.7)]


def ascii_word(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalnum())
