"""When people buy: the sample shop's three years, their seasons, growth and clock, without randomness of its own."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from core.sources.sample.assortment import CAMPAIGNS

FIRST_DAY = date(2023, 7, 1)
LAST_DAY = date(2026, 6, 30)
DAYS = tuple(FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))

YEARLY_GROWTH = 1.21
MONTHS = (0.88, 0.86, 0.97, 1.0, 1.02, 0.95, 0.86, 0.84, 0.96, 1.05, 1.38, 1.62)
WEEKDAYS = (1.06, 0.98, 0.95, 0.98, 0.92, 0.98, 1.25)
CAMPAIGN_LIFT = 1.18

# Local hours, so chosen that no order falls on another day in UTC: the same "day" everywhere.
HOURS = tuple(range(6, 23))
HOUR_WEIGHTS = (1, 2, 3, 4, 5, 5, 6, 5, 4, 4, 5, 6, 8, 10, 11, 9, 5)


@dataclass(frozen=True, order=True)
class Campaign:
    """A campaign as it ran in one year."""

    first_day: date
    last_day: date
    name: str
    medium: str
    budget: float
    discount_percent: int


def _campaigns() -> list[Campaign]:
    """Every campaign that starts within the three years, in the order of their start."""
    dated = [
        Campaign(
            date.fromisoformat(f"{year}-{start}"),
            date.fromisoformat(f"{year}-{end}"),
            f"{name} {year}",
            medium,
            round(budget * 1.1 ** (year - FIRST_DAY.year), 2),
            discount,
        )
        for year in range(FIRST_DAY.year, LAST_DAY.year + 1)
        for name, medium, budget, discount, start, end in CAMPAIGNS
    ]
    return sorted(campaign for campaign in dated if FIRST_DAY <= campaign.first_day <= LAST_DAY)


def campaign_on(day: date) -> tuple[int, int] | None:
    """Return the id and discount of the campaign that runs on *day*."""
    for number, campaign in enumerate(CAMPAIGNS_DATED, 1):
        if campaign.first_day <= day <= campaign.last_day:
            return number, campaign.discount_percent
    return None


def weight(day: date) -> float:
    """How much is bought on *day*, relative to an average day of the first year."""
    growth = YEARLY_GROWTH ** ((day - FIRST_DAY).days / 365.25)
    return growth * MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] * (CAMPAIGN_LIFT if campaign_on(day) else 1.0)


def utc_offset(day: date, standard: int) -> int:
    """Return the hours from UTC on *day* where winter time is *standard*; the Union's summer time, by its rule."""
    starts, ends = _last_sunday(day.year, 3), _last_sunday(day.year, 10)
    return standard + (1 if starts <= day < ends else 0)


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


CAMPAIGNS_DATED = _campaigns()
CUMULATED = tuple(accumulate(weight(day) for day in DAYS))
