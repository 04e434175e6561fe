"""What is true of the sample shop, counted in plain Python from the generator's rows and not by any database."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from core.sources.sample.assortment import LINES
from core.sources.sample.goods import TROUBLE, Trouble
from core.sources.sample.names import LANDS
from core.sources.sample.orders import Chunk
from core.sources.sample.shop import chunks
from core.sources.sample.trading import FIRST_DAY, LAST_DAY


@dataclass(frozen=True)
class Facts:
    """Rows by table; revenue in cents (cancelled orders left out) by month, country and category; the anomaly.

    *trouble_drop* is by how much the weekly revenue of the troubled category in its country fell short, while the
    supplier failed, of the ten weeks before: 0.9 is nine tenths lost.
    """

    first_day: date
    last_day: date
    rows: dict[str, int]
    revenue: int
    revenue_by_month: dict[str, int]
    revenue_by_country: dict[str, int]
    revenue_by_category: dict[str, int]
    orders_by_status: dict[str, int]
    trouble: Trouble
    trouble_drop: float


class _Count:
    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()
        self.month: Counter[str] = Counter()
        self.country: Counter[str] = Counter()
        self.category: Counter[str] = Counter()
        self.status: Counter[str] = Counter()
        self.troubled: Counter[str] = Counter()
        self._lands: dict[int, str] = {}
        self._categories: dict[int, str] = {}

    def take(self, chunk: Chunk) -> None:
        self.rows.update({table: len(rows) for table, rows in chunk.items()})
        self._lands |= {row[0]: LANDS[row[7] - 1].name for row in chunk.get("customers", ())}
        self._categories |= {row[0]: LINES[row[2] - 1].category for row in chunk.get("products", ())}
        orders = {row[0]: row for row in chunk.get("orders", ())}
        self.status.update(row[3] for row in orders.values())
        for _, order, product, quantity, price in chunk.get("order_items", ()):
            self._line(orders[order], self._categories[product], quantity * round(price * 100))

    def _line(self, order: tuple, category: str, cents: int) -> None:
        _, customer, _, status, _, _, placed = order
        if status == "cancelled":
            return
        country = self._lands[customer]
        self.month[placed[:7]] += cents
        self.country[country] += cents
        self.category[category] += cents
        if country == TROUBLE.country and category == TROUBLE.category:
            self.troubled[placed[:10]] += cents


def facts() -> Facts:
    """Generate the shop again and count (some seconds)."""
    counted = _Count()
    for chunk in chunks():
        counted.take(chunk)
    return Facts(
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        rows=dict(counted.rows),
        revenue=sum(counted.month.values()),
        revenue_by_month=dict(counted.month),
        revenue_by_country=dict(counted.country),
        revenue_by_category=dict(counted.category),
        orders_by_status=dict(counted.status),
        trouble=TROUBLE,
        trouble_drop=_drop(counted.troubled),
    )


def _drop(by_day: Counter[str]) -> float:
    length = TROUBLE.last_day - TROUBLE.first_day
    before = TROUBLE.first_day - length - timedelta(days=1)

    def between(first: date, last: date) -> int:
        return sum(cents for day, cents in by_day.items() if str(first) <= day <= str(last))

    usual = between(before, TROUBLE.first_day - timedelta(days=1))
    return 1 - between(TROUBLE.first_day, TROUBLE.last_day) / usual
