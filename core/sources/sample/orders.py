"""Orders of the sample shop with everything that follows from them, month by month."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate, count
from random import Random

from core.sources.sample.aftermath import Aftermath
from core.sources.sample.assortment import LINES
from core.sources.sample.goods import TROUBLE, Product, Row
from core.sources.sample.names import LANDS
from core.sources.sample.people import Customer, moment
from core.sources.sample.trading import CUMULATED, DAYS, HOUR_WEIGHTS, HOURS, LAST_DAY, campaign_on

ORDER_LINES = 200_000
SIZES, SIZE_WEIGHTS = (1, 2, 3, 4, 5, 6), (0.46, 0.24, 0.14, 0.08, 0.05, 0.03)
DEVICES, DEVICE_WEIGHTS = ("mobile", "desktop", "tablet", "phone call", None), (0.5, 0.36, 0.07, 0.03, 0.04)

Chunk = dict[str, list[Row]]


class Orders:
    """Draws orders: who buys what, when, at what price."""

    def __init__(self, rng: Random, customers: list[Customer], products: list[Product]) -> None:
        self._rng = rng
        self._customers = customers
        self._registered = [customer.registered for customer in customers]
        self._eagerness = list(accumulate(customer.eagerness for customer in customers))
        self._shelves = [[product for product in products if product.line is line] for line in LINES]
        self._popularity = [list(accumulate(product.popularity for product in shelf)) for shelf in self._shelves]
        self._demand = [list(accumulate(line.demand * line.season[month] for line in LINES)) for month in range(12)]
        self._lines = count(1)
        self._after = Aftermath(rng)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows of each month."""
        sizes = self._sizes()
        chunk: Chunk = {}
        month = DAYS[0].month
        for number, size in enumerate(sizes, 1):
            day = DAYS[bisect_left(CUMULATED, (number - 0.5) / len(sizes) * CUMULATED[-1])]
            if day.month != month:
                yield chunk
                chunk, month = {}, day.month
            self._order(number, size, day, chunk)
        yield chunk

    def _sizes(self) -> list[int]:
        sizes: list[int] = []
        left = ORDER_LINES
        while left:
            size = min(left, self._rng.choices(SIZES, SIZE_WEIGHTS)[0])
            sizes.append(size)
            left -= size
        return sizes

    def _order(self, number: int, size: int, day: date, chunk: Chunk) -> None:
        rng = self._rng
        customer = self._buyer(day)
        land = customer.land
        campaign = campaign_on(day)
        if campaign and rng.random() > 0.38:
            campaign = None
        basket = self._basket(size, day, land.name)
        discount = campaign[1] if campaign else 0
        items = []
        for product in basket:
            quantity = self._quantity(product)
            items.append((next(self._lines), product, quantity, round(product.cents * (100 - discount) / 100)))
        total = sum(quantity * cents for _, _, quantity, cents in items)
        fee = 0 if total >= 6000 else 490 if land is LANDS[0] else 590
        status = self._status(day, any(TROUBLE.hits(land.name, one.line.category, day) for one in basket))
        placed = moment(rng, day, land, rng.choices(HOURS, HOUR_WEIGHTS)[0])
        device = rng.choices(DEVICES, DEVICE_WEIGHTS)[0]
        chunk.setdefault("orders", []).append(
            (number, customer.number, campaign[0] if campaign else None, status, device, fee / 100, placed)
        )
        lines = chunk.setdefault("order_items", [])
        lines.extend((line, number, one.number, quantity, cents / 100) for line, one, quantity, cents in items)
        self._after.follow(chunk, number, customer, status, day, placed, total + fee, items)

    def _buyer(self, day: date) -> Customer:
        known = bisect_left(self._registered, day)
        return self._customers[bisect_left(self._eagerness, self._rng.random() * self._eagerness[known - 1])]

    def _basket(self, size: int, day: date, country: str) -> list[Product]:
        basket: dict[int, Product] = {}
        while len(basket) < size:
            product = self._choose(day)
            out_of_stock = TROUBLE.hits(country, product.line.category, day) and self._rng.random() < 0.87
            if not out_of_stock:
                basket[product.number] = product
        return list(basket.values())

    def _choose(self, day: date) -> Product:
        demand = self._demand[day.month - 1]
        shelf = bisect_left(demand, self._rng.random() * demand[-1])
        popularity = self._popularity[shelf]
        product = self._shelves[shelf][bisect_left(popularity, self._rng.random() * popularity[-1])]
        return product if product.sold_on(day) else self._shelves[shelf][0]

    def _quantity(self, product: Product) -> int:
        return 1 + int(self._rng.expovariate(1.1 if product.cents < 4000 else 2.6 if product.cents < 20_000 else 5.0))

    def _status(self, day: date, troubled: bool) -> str:
        chance = self._rng.random()
        if chance < (0.45 if troubled else 0.035):
            return "cancelled"
        if day > LAST_DAY - timedelta(days=2):
            return "processing"
        if day > LAST_DAY - timedelta(days=7) and chance < 0.7:
            return "shipped"
        return "shipped" if chance > 0.997 else "delivered"
