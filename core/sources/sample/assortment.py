"""What the sample shop sells, who supplies it, and when it advertises."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A product line: one category of one supplier.

    *demand* is its share of order lines in an average month, *season* twelve factors from January on.
    """

    category: str
    department: str
    supplier: str
    kinds: tuple[tuple[str, float, float], ...]
    demand: float
    season: tuple[float, ...]
    return_rate: float


EVEN = (1.0,) * 12
WINTER = (1.3, 1.1, 0.9, 0.8, 0.7, 0.6, 0.6, 0.7, 0.9, 1.2, 1.5, 1.7)
SUMMER = (0.4, 0.5, 0.9, 1.3, 1.6, 1.7, 1.5, 1.3, 0.9, 0.6, 0.5, 0.8)
SPRING = (0.5, 0.8, 1.7, 2.0, 1.8, 1.2, 0.9, 0.8, 0.9, 0.7, 0.4, 0.3)
GIFTS = (0.8, 0.8, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.9, 1.0, 1.4, 2.0)

# Kinds are (name, list price in EUR, weight in kg) of a middling product of the line.
LINES = (
    Line(
        "Espresso machines",
        "Kitchen",
        "Macchine Lario S.r.l.",
        (("Espresso Machine", 449.0, 9.5), ("Lever Machine", 689.0, 11.0), ("Bean-to-Cup Machine", 799.0, 10.2)),
        5.0,
        GIFTS,
        0.05,
    ),
    Line(
        "Coffee grinders",
        "Kitchen",
        "Nordlicht Geräte GmbH",
        (("Hand Grinder", 69.0, 0.7), ("Electric Grinder", 159.0, 2.9)),
        7.0,
        GIFTS,
        0.04,
    ),
    Line(
        "Coffee beans",
        "Kitchen",
        "Casa do Grão Lda",
        (("House Blend 1 kg", 21.9, 1.0), ("Single Origin 500 g", 16.5, 0.5), ("Decaf 500 g", 14.9, 0.5)),
        21.0,
        EVEN,
        0.01,
    ),
    Line(
        "Cookware",
        "Kitchen",
        "Fonderie du Rhône SA",
        (("Frying Pan", 59.0, 1.6), ("Casserole", 139.0, 4.8), ("Saucepan", 49.0, 1.2)),
        12.0,
        GIFTS,
        0.05,
    ),
    Line(
        "Knives",
        "Kitchen",
        "Klingenwerk Bergisch KG",
        (("Chef's Knife", 89.0, 0.3), ("Bread Knife", 64.0, 0.3), ("Paring Knife", 29.0, 0.1)),
        6.0,
        GIFTS,
        0.03,
    ),
    Line(
        "Tableware",
        "Home",
        "Olaria do Minho Lda",
        (("Dinner Plate Set", 54.0, 3.2), ("Mug Set", 32.0, 1.8), ("Salad Bowl", 38.0, 1.4)),
        12.0,
        GIFTS,
        0.07,
    ),
    Line(
        "Bed linen",
        "Home",
        "Têxteis Ave S.A.",
        (("Duvet Cover", 79.0, 1.5), ("Fitted Sheet", 35.0, 0.8), ("Pillow Case", 15.0, 0.2)),
        9.0,
        EVEN,
        0.13,
    ),
    Line(
        "Towels",
        "Home",
        "Têxteis Ave S.A.",
        (("Bath Towel", 24.0, 0.6), ("Hand Towel", 12.0, 0.3), ("Beach Towel", 29.0, 0.6)),
        8.0,
        SUMMER,
        0.08,
    ),
    Line(
        "Lamps",
        "Home",
        "Atelier Lumen SARL",
        (("Floor Lamp", 149.0, 5.5), ("Table Lamp", 79.0, 2.1), ("Pendant Lamp", 119.0, 1.9)),
        6.0,
        WINTER,
        0.09,
    ),
    Line(
        "Candles",
        "Home",
        "Atelier Lumen SARL",
        (("Scented Candle", 19.0, 0.4), ("Pillar Candle Set", 14.0, 0.9)),
        10.0,
        WINTER,
        0.02,
    ),
    Line(
        "Garden tools",
        "Outdoor",
        "Nordlicht Geräte GmbH",
        (("Pruning Shears", 39.0, 0.4), ("Spade", 49.0, 2.2), ("Watering Can", 27.0, 0.9)),
        7.0,
        SPRING,
        0.04,
    ),
    Line(
        "Garden furniture",
        "Outdoor",
        "Meble Ogrodowe Sp. z o.o.",
        (("Folding Chair", 89.0, 5.4), ("Bistro Table", 149.0, 9.8), ("Lounger", 249.0, 12.5)),
        3.0,
        SUMMER,
        0.06,
    ),
)

# Name, country, days of lead time. The last one never became a partner: it supplies nothing.
SUPPLIERS = (
    ("Macchine Lario S.r.l.", "Italy", 21),
    ("Nordlicht Geräte GmbH", "Germany", 7),
    ("Casa do Grão Lda", "Portugal", 10),
    ("Fonderie du Rhône SA", "France", 14),
    ("Klingenwerk Bergisch KG", "Germany", 9),
    ("Olaria do Minho Lda", "Portugal", 16),
    ("Têxteis Ave S.A.", "Portugal", 18),
    ("Atelier Lumen SARL", "France", 12),
    ("Meble Ogrodowe Sp. z o.o.", "Poland", 25),
    ("Vitraria Boema s.r.o.", "Czechia", 20),
)

# Name, ISO code, VAT rate in percent.
COUNTRIES = (
    ("Germany", "DE", 19.0),
    ("France", "FR", 20.0),
    ("Portugal", "PT", 23.0),
    ("Italy", "IT", 22.0),
    ("Poland", "PL", 23.0),
    ("Czechia", "CZ", 21.0),
)
WAREHOUSES = (("Leipzig", "Germany"), ("Lyon", "France"), ("Porto", "Portugal"))

SERIES = (
    "Aurora",
    "Brisa",
    "Corva",
    "Delta",
    "Estrela",
    "Fjord",
    "Gaia",
    "Helix",
    "Iris",
    "Juna",
    "Kairo",
    "Lume",
    "Mira",
    "Nova",
    "Orla",
    "Prisma",
    "Quinta",
    "Ribeira",
    "Serra",
    "Terra",
)
COLORS = ("black", "white", "grey", "blue", "green", "red", "sand", "steel")

# Name, medium, budget in EUR, discount in percent, first and last day (month-day), repeated every year.
CAMPAIGNS = (
    ("Winter Sale", "newsletter", 18_000, 15, "01-08", "01-28"),
    ("Spring Garden", "social media", 22_000, 10, "03-20", "04-12"),
    ("Summer Outdoors", "search ads", 26_000, 8, "06-05", "06-25"),
    ("Back Home", "social media", 14_000, 5, "09-01", "09-15"),
    ("Black Week", "search ads", 48_000, 20, "11-20", "11-30"),
    ("Christmas Gifts", "television", 65_000, 0, "12-01", "12-18"),
)
