"""Questions about what customers wrote, which take a plan."""

from collections import Counter, defaultdict
from statistics import median, stdev

from core.sources.sample.siblings.feedback import LATE
from tests.pipelines.federated.questions.answers import Row, Truth, counted
from tests.pipelines.federated.questions.planned import (
    GOODS,
    LANDS,
    LATE_TEXTS,
    Planned,
    among,
    match,
    money,
    plan,
    points,
    shop,
    web,
)  # fmt: skip

THEIRS = shop("customers", f"{LANDS} WHERE customer_id IN (:who)", who="late.customer_id")


def what_they_bought(t: Truth) -> list[Row]:
    """Of the countries whose customers complain of late deliveries: how often, and what they spent most on."""
    complained = {one.customer_id for one in t.feedback if one.topic == LATE}
    count = Counter(t.country(one.customer_id) for one in t.feedback if one.topic == LATE)
    spent: dict[str, Counter[str]] = defaultdict(Counter)
    for order, line, cents in t.cents():
        if order["customer_id"] in complained:
            spent[t.country(order["customer_id"])][t.category(line["product_id"])] += cents
    return [
        (land, count[land], goods, cents / 100) for land, all_ in spent.items() for goods, cents in all_.most_common(1)
    ]


def grades(t: Truth) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for one in t.feedback:
        found[t.country(one.customer_id)].append(one.grade)
    return found


def clicked(t: Truth) -> list[Row]:
    late = {one.customer_id for one in t.feedback if one.topic == LATE}
    return counted(t.country(who) for who in late & {one.customer_id for one in t.clicks})


def defects(t: Truth) -> list[Row]:
    suppliers = {row["supplier_id"]: t.tender[row["country_id"]] for row in t.tables["suppliers"]}
    return counted(suppliers[t.products[one.product_id]["supplier_id"]] for one in t.feedback if one.topic == "defect")


OF_FEEDBACK = {
    "Which countries' customers complain most about late deliveries, and what did they buy?": Planned(
        plan(
            LATE_TEXTS,
            THEIRS,
            shop(
                "bought",
                "SELECT o.customer_id, g.name AS category, SUM(i.quantity * i.unit_price) AS spent FROM orders AS o "
                "JOIN order_items AS i USING (order_id) JOIN products AS p USING (product_id) "
                "JOIN categories AS g USING (category_id) WHERE o.status <> 'cancelled' AND o.customer_id IN (:who) "
                "GROUP BY o.customer_id, g.name",
                who="late.customer_id",
            ),
            sql="WITH complaints AS (SELECT country, count(*) AS n FROM late JOIN customers USING (customer_id) "
            "GROUP BY country), goods AS (SELECT country, category, sum(spent) AS spent, row_number() OVER "
            "(PARTITION BY country ORDER BY sum(spent) DESC) AS place FROM bought JOIN customers USING (customer_id) "
            "GROUP BY country, category) SELECT country, n, category, round(spent, 2) AS spent FROM complaints "
            "JOIN goods USING (country) WHERE place = 1 ORDER BY n DESC",
        ),
        what_they_bought,
    ),
    "Late deliveries by category of what came late": Planned(
        plan(
            LATE_TEXTS,
            shop("goods", f"{GOODS} WHERE product_id IN (:what)", what="late.product_id"),
            sql="SELECT category, count(*) AS n FROM late JOIN goods USING (product_id) GROUP BY category ORDER BY n",
        ),
        lambda t: counted(t.category(one.product_id) for one in t.feedback if one.topic == LATE),
    ),
    "Median grade of each country": Planned(
        plan(
            points("said", ("customer_id", "grade")),
            shop("customers", LANDS),
            sql="SELECT country, median(grade) AS grade FROM said JOIN customers USING (customer_id) GROUP BY country",
        ),
        lambda t: [(land, median(values)) for land, values in grades(t).items()],
    ),
    "How far do the grades of each country vary?": Planned(
        plan(
            points("said", ("customer_id", "grade")),
            shop("customers", LANDS),
            sql="SELECT country, stddev_samp(grade) AS s FROM said JOIN customers USING (customer_id) GROUP BY country",
        ),
        lambda t: [(land, stdev(values)) for land, values in grades(t).items()],
    ),
    "Topics of feedback on what Nordlicht supplies": Planned(
        plan(
            shop("goods", f"{GOODS} WHERE suppliers.name LIKE 'Nordlicht%'"),
            points("said", ("topic",), among("product_id", "what"), what="goods.product_id"),
            sql="SELECT topic, count(*) AS n FROM said GROUP BY topic ORDER BY n DESC",
        ),
        lambda t: counted(one.topic for one in t.feedback if t.supplier(one.product_id).startswith("Nordlicht")),
    ),
    "How many of those who complain of late deliveries still visit us, by country?": Planned(
        plan(
            LATE_TEXTS,
            web(
                "visits",
                "clicks",
                {"$match": {"customer_id": {"$in": {"$value": "who"}}}},
                {"$group": {"_id": "$customer_id"}},
                {"$project": {"_id": 0, "customer_id": "$_id"}},
                who="late.customer_id",
            ),
            THEIRS,
            sql="SELECT country, count(*) AS n FROM visits JOIN customers USING (customer_id) GROUP BY country",
        ),
        clicked,
    ),
    "In which currency are the suppliers of defective goods paid?": Planned(
        plan(
            points("broken", ("product_id",), match("topic", "defect")),
            shop(
                "goods",
                "SELECT product_id, country_id FROM products JOIN suppliers USING (supplier_id) "
                "WHERE product_id IN (:what)",
                what="broken.product_id",
            ),
            money("tender", "SELECT country_id, currency FROM legal_tender"),
            sql="SELECT currency, count(*) AS n FROM broken JOIN goods USING (product_id) JOIN tender "
            "USING (country_id) GROUP BY currency",
        ),
        defects,
    ),
    "Does any feedback grade differ from the stars of its review?": Planned(
        plan(
            LATE_TEXTS,
            points("said", ("feedback_id", "grade"), match("topic", "late delivery")),
            shop("stars", "SELECT review_id, rating FROM reviews WHERE review_id IN (:ids)", ids="late.feedback_id"),
            sql="SELECT count(*) AS n, count(*) FILTER (rating <> grade) AS differ FROM said JOIN stars "
            "ON review_id = feedback_id",
        ),
        lambda t: [(sum(one.topic == LATE for one in t.feedback), 0)],
    ),
}
