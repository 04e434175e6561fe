"""Questions about what customers did on the shop's pages, which take a plan."""

from collections import Counter, defaultdict

from tests.pipelines.federated.questions.answers import Row, Truth, best, counted
from tests.pipelines.federated.questions.planned import GOODS, LANDS, Planned, among, match, plan, points, shop, web

VIEWS = web(
    "views",
    "clicks",
    {"$group": {"_id": {"product": "$product_id", "action": "$action"}, "n": {"$sum": 1}}},
    {"$project": {"_id": 0, "product_id": "$_id.product", "action": "$_id.action", "n": 1}},
)
DEEDS = web(
    "deeds",
    "clicks",
    {
        "$group": {
            "_id": {"customer": "$customer_id", "product": "$product_id"},
            "carts": {"$sum": {"$cond": [{"$eq": ["$action", "cart"]}, 1, 0]}},
            "purchases": {"$sum": {"$cond": [{"$eq": ["$action", "purchase"]}, 1, 0]}},
        }
    },
    {"$match": {"carts": {"$gt": 0}, "purchases": 0}},
    {"$project": {"_id": 0, "customer_id": "$_id.customer", "product_id": "$_id.product"}},
)


def left_in_the_cart(t: Truth) -> set[tuple[int, int]]:
    carts = {(one.customer_id, one.product_id) for one in t.clicks if one.action == "cart"}
    return carts - {(one.customer_id, one.product_id) for one in t.clicks if one.action == "purchase"}


def conversion(t: Truth) -> list[Row]:
    seen = Counter((t.category(one.product_id), one.action) for one in t.clicks)
    return [(land, seen[land, "purchase"] / n) for (land, action), n in seen.items() if action == "view"]


def browsers(t: Truth) -> list[Row]:
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for one in t.clicks:
        seen[t.country(one.customer_id)][one.browser] += 1
    return [(land, browser, n) for land, counts in seen.items() for browser, n in counts.items()]


def clicked_and_loved(t: Truth) -> list[Row]:
    loved = Counter(one.product_id for one in t.feedback if one.grade == 5)
    seen = Counter(one.product_id for one in t.clicks if one.action == "view")
    found = [(t.products[product]["name"], loved[product], n) for product, n in seen.items()]
    return best(sorted(found), 5)


OF_VISITS = {
    "How many purchases come of a view, by category?": Planned(
        plan(
            VIEWS,
            shop("goods", GOODS),
            sql="SELECT category, sum(n) FILTER (action = 'purchase') * 1.0 / sum(n) FILTER (action = 'view') AS share "
            "FROM views JOIN goods USING (product_id) GROUP BY category",
        ),
        conversion,
    ),
    "How many carts were left, by country?": Planned(
        plan(
            DEEDS,
            shop("customers", f"{LANDS} WHERE customer_id IN (:who)", who="deeds.customer_id"),
            sql="SELECT country, count(*) AS n FROM deeds JOIN customers USING (customer_id) GROUP BY country",
        ),
        lambda t: counted(t.country(customer) for customer, _ in left_in_the_cart(t)),
    ),
    "What is the list price of all that was left in carts, by department?": Planned(
        plan(
            DEEDS,
            shop(
                "goods",
                "SELECT product_id, department, price FROM products JOIN categories USING (category_id) "
                "WHERE product_id IN (:what)",
                what="deeds.product_id",
            ),
            sql="SELECT department, round(sum(price), 2) AS worth FROM deeds JOIN goods USING (product_id) GROUP BY 1",
        ),
        lambda t: [(department, round(cents / 100, 2)) for department, cents in _worth(t).items()],
    ),
    "Which browsers do the customers of each country use?": Planned(
        plan(
            web(
                "clicked",
                "clicks",
                {"$group": {"_id": {"who": "$customer_id", "browser": "$device.browser"}, "n": {"$sum": 1}}},
                {"$project": {"_id": 0, "customer_id": "$_id.who", "browser": "$_id.browser", "n": 1}},
            ),
            shop("customers", LANDS),
            sql="SELECT country, browser, sum(n) AS n FROM clicked JOIN customers USING (customer_id) GROUP BY 1, 2",
        ),
        browsers,
    ),
    "Which words that customers search for are categories, and of which department?": Planned(
        plan(
            web("words", "searches", {"$group": {"_id": "$words", "n": {"$sum": 1}}}),
            shop("categories", "SELECT name, department FROM categories"),
            sql="SELECT department, sum(n) AS n FROM words JOIN categories ON lower(name) = words._id GROUP BY 1",
        ),
        lambda t: counted(
            departments[one.words] for one in t.searches if one.words in (departments := _departments(t))
        ),
    ),
    "The five most viewed products, and how often they were loved": Planned(
        plan(
            VIEWS,
            points("loved", ("product_id",), match("grade", 5), among("product_id", "what"), what="views.product_id"),
            shop("goods", GOODS),
            sql="WITH fives AS (SELECT product_id, count(*) AS loved FROM loved GROUP BY product_id) "
            "SELECT name, coalesce(loved, 0) AS loved, n FROM views JOIN goods USING (product_id) "
            "LEFT JOIN fives USING (product_id) WHERE action = 'view' ORDER BY n DESC, name LIMIT 5",
        ),
        clicked_and_loved,
    ),
}


def _worth(t: Truth) -> Counter[str]:
    found: Counter[str] = Counter()
    for _, product in left_in_the_cart(t):
        found[t.department(product)] += round(t.products[product]["price"] * 100)
    return found


def _departments(t: Truth) -> dict[str, str]:
    return {row["name"].casefold(): row["department"] for row in t.tables["categories"]}
