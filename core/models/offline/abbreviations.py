"""How names in databases are shortened, undone: "fname" reads first name, "clubname" club name."""

from collections.abc import Iterable, Set

_WHOLE = {
    "fname": "first name", "lname": "last name", "mname": "middle name", "firstname": "first name",
    "lastname": "last name", "surname": "last name", "forename": "first name", "givenname": "first name",
    "dob": "birth date", "birthdate": "birth date", "birthday": "birth date", "birthdate_": "birth date",
    "dept": "department", "num": "number", "nbr": "number", "no": "number", "qty": "quantity", "amt": "amount",
    "addr": "address", "desc": "description", "descr": "description", "yr": "year", "mon": "month", "tot": "total",
    "cred": "credit", "stu": "student", "emp": "employee", "mgr": "manager", "avg": "average", "pct": "percent",
    "perc": "percent", "tel": "telephone", "ph": "phone", "loc": "location", "org": "organization", "cust": "customer",
    "prod": "product", "cat": "category", "acct": "account", "acc": "account", "inv": "invoice", "dist": "distance",
    "lat": "latitude", "lng": "longitude", "lon": "longitude", "long": "longitude", "pos": "position", "pop": "population",
    "temp": "temperature", "ctry": "country", "cntry": "country", "lang": "language", "msg": "message", "doc": "document",
    "src": "source", "dst": "destination", "dest": "destination", "arr": "arrival", "dep": "departure", "pwd": "password",
    "usr": "user", "grp": "group", "ref": "reference", "seq": "sequence", "val": "value", "wt": "weight", "ht": "height",
    "sem": "semester", "univ": "university", "std": "standard", "min": "minimum", "max": "maximum", "mgmt": "management",
    "hq": "headquarter", "tz": "timezone", "uom": "unit of measure", "img": "image", "pic": "picture", "lbl": "label",
    "apt": "apartment", "bldg": "building", "ssn": "social security number", "uid": "user id", "fk": "", "pk": "",
}  # fmt: skip
_ENDINGS = ("name", "number", "date", "code", "type", "time", "title", "price", "amount", "status", "description", "desc",
            "location", "address", "year", "id", "no", "key", "count", "rate", "size", "level", "city")  # fmt: skip
_STANDING = {"paid", "grid", "acid", "valid", "aid", "bid", "lid", "kid", "mid", "said", "raid", "void", "avoid", "solid",
             "liquid", "username", "nickname", "hybrid", "rapid", "covid", "madrid", "capacity", "velocity", "barcode",
             "zipcode", "birthdate", "update", "piano", "casino", "volcano", "turkey", "monkey", "hockey", "corporate",
             "candidate", "separate", "moderate", "ethnicity", "publicity", "simplicity", "electricity",
             "discount", "account", "prototype", "lifetime", "overtime", "runtime", "estate", "elevation"}  # fmt: skip


def expand(words: Iterable[str], vocabulary: Set[str]) -> tuple[str, ...]:
    """Return *words* with abbreviations written out and runs of two words split, given the schema's *vocabulary*."""
    spread: list[str] = []
    words = list(words)
    if len(words) > 1 and len(words[0]) == 1:
        # "LName" and "DName": the letter stands for last, or for the table.
        words = [words[0] + words[1], *words[2:]] if words[0] + words[1] in _WHOLE else words[1:]
    if len(words) == 1 and words[0][1:] in ("id", "name", "no") and words[0] not in _WHOLE:
        if any(word[0] == words[0][0] for word in vocabulary):
            words = [words[0][1:]]
    for word in words:
        spread.extend(_WHOLE[word].split() if word in _WHOLE else _parted(word, vocabulary))
    return tuple(part for part in spread if part)


def _parted(word: str, vocabulary: Set[str]) -> tuple[str, ...]:
    if len(word) < 5 or word in _STANDING or word in vocabulary:
        return (word,)
    for head in sorted(vocabulary, key=len, reverse=True):
        single = head.removesuffix("s")
        if len(single) >= 3 and word.startswith(single) and len(word) > len(single) + 1:
            rest = word[len(single) :]
            if rest in _ENDINGS or rest in _WHOLE:
                return (single, *(_WHOLE.get(rest, rest).split()))
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and ending not in ("id", "no"):
            return (word[: -len(ending)], *(_WHOLE.get(ending, ending).split()))
    if word.endswith("id") and len(word) >= 5:
        return (word[:-2], "id")
    return (word,)
