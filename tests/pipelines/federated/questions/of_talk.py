"""Questions about money in other currencies, and about what the community says, which take a plan."""

import re
from collections import Counter, defaultdict

from core.sources.sample.siblings.feedback import LATE
from tests.pipelines.federated.questions.answers import Row, Truth, counted
from tests.pipelines.federated.questions.planned import (
    LATE_TALK,
    LATE_TEXTS,
    MEMBERS,
    OWN,
    Planned,
    money,
    plan,
    shop,
    talk,
    web,
)  # fmt: skip

OWNERS = shop("owners", OWN, emails="members.email")
JOINED = "members JOIN owners USING (email)"
LAST = "2026-06-30"


def members(t: Truth) -> set[int]:
    return {who for said in t.said if (who := t.member(said.email))}


def late(t: Truth) -> list[int]:
    """Return who wrote in the community that something is late, as often as they did."""
    said = [one for one in t.said if one.channel == "deliveries" and "late" in one.text.casefold()]
    return [who for one in said if (who := t.member(one.email))]


def month_by_month(t: Truth) -> list[Row]:
    cents: Counter[str] = Counter()
    for order, _, value in t.cents():
        cents[order["ordered_at"][:7]] += value
    found: dict[str, list[float]] = defaultdict(list)
    for (day, currency), rate in t.rates.items():
        if currency == "USD":
            found[day[:7]].append(rate)
    return [
        (month, round(cents[month] / 100 * sum(rates) / len(rates), 2))
        for month, rates in found.items()
        if month >= "2026-01"
    ]


def spent(t: Truth) -> list[Row]:
    own, found = members(t), Counter[str]()
    for order, _, cents in t.cents():
        if order["customer_id"] in own:
            found[t.country(order["customer_id"])] += cents
    return [(land, cents / 100) for land, cents in found.items()]


def statuses(t: Truth) -> list[Row]:
    texts = [one.text for one in t.said if one.channel == "deliveries" and "late" in one.text.casefold()]
    named = {int(found[1]) for text in texts if (found := re.search(r"order (\d+)", text))}
    return counted(t.orders[order]["status"] for order in named)


def both(t: Truth) -> list[Row]:
    wrote, said = {one.customer_id for one in t.feedback if one.topic == LATE}, set(late(t))
    return [(len(wrote - said), len(said - wrote), len(wrote & said))]


OF_TALK = {
    "Revenue in dollars by month of this year": Planned(
        plan(
            shop(
                "sold",
                "SELECT substr(ordered_at, 1, 7) AS month, SUM(quantity * unit_price) AS revenue FROM orders "
                "JOIN order_items USING (order_id) WHERE status <> 'cancelled' AND ordered_at >= '2026-01-01' "
                "GROUP BY 1",
            ),
            money(
                "dollars",
                "SELECT strftime(rate_date, '%Y-%m') AS month, avg(rate) AS rate FROM exchange_rates "
                "WHERE currency = 'USD' GROUP BY 1",
            ),
            sql="SELECT month, round(revenue * rate, 2) AS dollars FROM sold JOIN dollars USING (month) ORDER BY month",
        ),
        month_by_month,
    ),
    "What do the products of Polish suppliers cost us in Polish money?": Planned(
        plan(
            shop(
                "goods",
                "SELECT p.name, p.cost, s.country_id FROM products AS p JOIN suppliers AS s "
                "USING (supplier_id) JOIN countries AS c USING (country_id) WHERE c.name = 'Poland'",
            ),
            money(
                "today",
                "SELECT country_id, rate FROM legal_tender JOIN exchange_rates USING (currency) "
                f"WHERE rate_date = DATE '{LAST}' AND country_id IN (:lands)",
                lands="goods.country_id",
            ),
            sql="SELECT name, round(cost * rate, 2) AS cost FROM goods JOIN today USING (country_id)",
        ),
        lambda t: [
            (one["name"], round(one["cost"] * t.rates[LAST, "PLN"], 2))
            for key, one in t.products.items()
            if t.supplier(key) == "Meble Ogrodowe Sp. z o.o."
        ],
    ),
    "How many members has the community in each country?": Planned(
        plan(MEMBERS, OWNERS, sql=f"SELECT country, count(*) AS n FROM {JOINED} GROUP BY country"),
        lambda t: counted(t.country(who) for who in members(t)),
    ),
    "Whose members complain most of late deliveries?": Planned(
        plan(
            LATE_TALK,
            MEMBERS,
            OWNERS,
            sql="SELECT country, count(*) AS n FROM said JOIN members ON members.id = author_id JOIN owners "
            "USING (email) GROUP BY country ORDER BY n DESC",
        ),
        lambda t: counted(t.country(who) for who in late(t)),
    ),
    "What have the members of the community spent, by country?": Planned(
        plan(
            MEMBERS,
            OWNERS,
            shop(
                "sold",
                "SELECT customer_id, SUM(quantity * unit_price) AS spent FROM orders JOIN order_items USING (order_id) "
                "WHERE status <> 'cancelled' AND customer_id IN (:who) GROUP BY customer_id",
                who="owners.customer_id",
            ),
            sql="SELECT country, round(sum(spent), 2) AS spent FROM sold JOIN owners USING (customer_id) GROUP BY 1",
        ),
        spent,
    ),
    "What became of the orders that are said to be late?": Planned(
        plan(
            LATE_TALK,
            MEMBERS,
            OWNERS,
            shop("placed", "SELECT order_id, status FROM orders WHERE customer_id IN (:who)", who="owners.customer_id"),
            sql="SELECT status, count(DISTINCT order_id) AS n FROM said JOIN placed "
            "ON order_id = TRY_CAST(regexp_extract(text, 'order ([0-9]+)', 1) AS BIGINT) GROUP BY status",
        ),
        statuses,
    ),
    "Who complains of late deliveries in feedback only, in the community only, in both?": Planned(
        plan(
            LATE_TEXTS,
            LATE_TALK,
            MEMBERS,
            OWNERS,
            sql="WITH wrote AS (SELECT DISTINCT customer_id AS w FROM late), "
            "spoke AS (SELECT DISTINCT customer_id AS s "
            "FROM said JOIN members ON members.id = author_id JOIN owners USING (email)) "
            "SELECT count(*) FILTER (s IS NULL) AS a, count(*) FILTER (w IS NULL) AS b, "
            "count(*) FILTER (w = s) AS c FROM wrote FULL JOIN spoke ON w = s",
        ),
        both,
    ),
    "What did the members of the community search for in vain?": Planned(
        plan(
            MEMBERS,
            OWNERS,
            web(
                "vain",
                "searches",
                {"$match": {"customer_id": {"$in": {"$value": "who"}}, "hits": 0}},
                who="owners.customer_id",
            ),
            sql="SELECT words, country, count(*) AS n FROM vain JOIN owners USING (customer_id) GROUP BY 1, 2",
        ),
        lambda t: counted(
            (one.words, t.country(one.customer_id))
            for one in t.searches
            if one.hits == 0 and one.customer_id in members(t)
        ),
    ),
    "Messages of each channel by the country of who wrote them": Planned(
        plan(
            talk("said", "history", ("author_id", "channel"), replies=True),
            MEMBERS,
            OWNERS,
            sql="SELECT channel, coalesce(country, 'shop') AS country, count(*) AS n FROM said JOIN members "
            "ON members.id = author_id LEFT JOIN owners USING (email) GROUP BY 1, 2",
        ),
        lambda t: counted((one.channel, t.country(who) if (who := t.member(one.email)) else "shop") for one in t.said),
    ),
}
