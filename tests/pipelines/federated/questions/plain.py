"""Questions that the offline planner understands, each over at least two sources, and how their answers are counted."""

from collections import Counter, defaultdict

from core.sources.sample.siblings import Feedback
from core.sources.sample.siblings.feedback import LATE
from tests.pipelines.federated.questions.answers import Answer, Row, Truth, counted, mean


def late(t: Truth) -> list[Feedback]:
    return [one for one in t.feedback if one.topic == LATE]


def what_they_bought(t: Truth) -> list[Row]:
    """How often each country's customers complain of late deliveries, and what these spent most on."""
    complained, spent = {one.customer_id for one in late(t)}, defaultdict[str, Counter[str]](Counter)
    for order, line, cents in t.cents():
        if order["customer_id"] in complained:
            spent[t.country(order["customer_id"])][t.products[line["product_id"]]["name"]] += cents
    count = Counter(t.country(one.customer_id) for one in late(t))
    best = {land: goods.most_common(1)[0] for land, goods in spent.items()}
    return [(land, n, best[land][0], best[land][1] / 100) for land, n in count.items()]


def orders_of_who_complained(t: Truth) -> list[Row]:
    complained, count = {one.customer_id for one in late(t)}, Counter(t.country(one.customer_id) for one in late(t))
    placed = Counter(t.country(one["customer_id"]) for one in t.orders.values() if one["customer_id"] in complained)
    return [(land, n, placed[land]) for land, n in count.items()]


def spent_by_who_complained(t: Truth) -> list[Row]:
    complained, count = {one.customer_id for one in late(t)}, Counter(t.country(one.customer_id) for one in late(t))
    spent = Counter[str]()
    for order, _, cents in t.cents():
        if order["customer_id"] in complained:
            spent[t.country(order["customer_id"])] += cents
    return [(land, n, spent[land] / 100) for land, n in count.items()]


PLAIN: dict[str, Answer] = {
    "Which countries' customers complain most about late deliveries, and what did they buy?": what_they_bought,
    "Which countries' customers complain most about late deliveries? How many orders do they have?": (
        orders_of_who_complained
    ),
    "Which countries' customers complain most about late deliveries, and how much did they spend?": (
        spent_by_who_complained
    ),
    "Feedback about late deliveries in June 2026 by country": lambda t: counted(
        t.country(one.customer_id) for one in late(t) if one.written_on >= "2026-06-01"
    ),
    "How many customers complain about late deliveries by country?": lambda t: counted(
        t.country(who) for who in {one.customer_id for one in late(t)}
    ),
    "How many feedback are there by country of the customer?": lambda t: counted(
        t.country(one.customer_id) for one in t.feedback
    ),
    "Number of feedback by topic from customers in Germany": lambda t: counted(
        one.topic for one in t.feedback if t.country(one.customer_id) == "Germany"
    ),
    "Average feedback grade by country": lambda t: mean((t.country(one.customer_id), one.grade) for one in t.feedback),
    'How many feedback with topic "late delivery" are there by country?': lambda t: counted(
        t.country(one.customer_id) for one in t.feedback if one.topic == LATE
    ),
    "How many customers from France never wrote feedback?": lambda t: [
        (
            len([k for k in t.customers if t.country(k) == "France"])
            - len({one.customer_id for one in t.feedback if t.country(one.customer_id) == "France"}),
        )
    ],
    "How many feedback are there by category?": lambda t: counted(t.category(one.product_id) for one in t.feedback),
    "How many feedback are there by supplier?": lambda t: counted(t.supplier(one.product_id) for one in t.feedback),
    "How many feedback are there by department?": lambda t: counted(t.department(one.product_id) for one in t.feedback),
    "How many feedback have grade 1 by category?": lambda t: counted(
        t.category(one.product_id) for one in t.feedback if one.grade == 1
    ),
    "How many feedback with topic defect are there by category?": lambda t: counted(
        t.category(one.product_id) for one in t.feedback if one.topic == "defect"
    ),
    "How many feedback with topic packaging are there by supplier?": lambda t: counted(
        t.supplier(one.product_id) for one in t.feedback if one.topic == "packaging"
    ),
    "How many clicks are there by country of the customer?": lambda t: counted(
        t.country(one.customer_id) for one in t.clicks
    ),
    "How many clicks with action cart are there by country?": lambda t: counted(
        t.country(one.customer_id) for one in t.clicks if one.action == "cart"
    ),
    "How many clicks are there by category?": lambda t: counted(t.category(one.product_id) for one in t.clicks),
    "How many clicks are there by supplier?": lambda t: counted(t.supplier(one.product_id) for one in t.clicks),
    "How many clicks are there by department?": lambda t: counted(t.department(one.product_id) for one in t.clicks),
    "How many searches with 0 hits are there by country?": lambda t: counted(
        t.country(one.customer_id) for one in t.searches if one.hits == 0
    ),
    "How many customers from Portugal never have clicks?": lambda t: [
        (len({k for k in t.customers if t.country(k) == "Portugal"} - {one.customer_id for one in t.clicks}),)
    ],
    "How many feedback are there by city of customers in Portugal?": lambda t: counted(
        t.customers[one.customer_id]["city"] for one in t.feedback if t.country(one.customer_id) == "Portugal"
    ),
}
