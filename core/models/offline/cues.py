"""The small words that shape a question: comparisons, superlatives, orders, groups. General English, no schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core.models.offline.words import NUMBERS


@dataclass(frozen=True)
class Cue:
    """A phrase with a fixed role: *kind* names the role, *value* says which of it, *hints* name likely columns."""

    kind: str
    value: str = ""
    hints: tuple[str, ...] = ()


_PHRASES = {
    ("count", ""): "how many, number of, numbers of, count of, count the number of, count, total number of, amount of times,"
    " the number of, total count of, how often, number of times, how many times",
    ("aggregate", "avg"): "average, averaged, mean, avg, on average, typical, average of, mean of, average value of",
    ("aggregate", "sum"): "total, sum, sum of, combined, overall, total amount of, total value of, total sum of, in total",
    ("aggregate", "max"): "maximum, max, maximal, maximum value of",
    ("aggregate", "min"): "minimum, min, minimal, minimum value of",
    ("share", ""): "percentage of, percent of, share of, proportion of, fraction of, what percentage of, what share of,"
    " percentage, proportion",
    ("compare", ">"): "more than, greater than, larger than, higher than, bigger than, above, over, exceeding, exceeds,"
    " exceed, in excess of, is greater than, is more than, is larger than, is higher than, is above, exceeded, beyond,"
    " better than, longer than the, more, greater, larger, higher",
    ("compare", "<"): "less than, fewer than, smaller than, lower than, below, under, is less than, is smaller than,"
    " is lower than, is below, not more than, worse than",
    ("compare", ">="): "at least, no less than, not less than, no fewer than, minimum of, a minimum of, greater than or equal to,"
    " more than or equal to, not below, at minimum",
    ("compare", "<="): "at most, no more than, up to, maximum of, not exceeding, a maximum of, less than or equal to,"
    " not above, within",
    ("after", ">="): "or more, or above, or higher, or greater, or over, and above, or later, or older, or longer",
    ("after", "<="): "or less, or fewer, or below, or lower, or under, and below, or earlier, or younger",
    ("compare", "="): "equal to, equals, exactly, equal, is equal to, precisely, is exactly",
    ("compare", "!="): "not equal to, other than, except, except for, excluding, different from, besides, apart from",
    ("compare", "between"): "between, ranging from, in the range of, range from, in the range",
    ("time", ">"): "after, later than, since after, following",
    ("time", "<"): "before, earlier than, prior to",
    ("like", "contains"): "contain, contains, containing, contained, include, includes, including, has the word,"
    " contains the word, containing the word, contain the word, includes the word, with the substring, has the substring,"
    " contains the substring, containing the substring, contain the substring, has the letter, contain the letter,"
    " contains the letter, containing the letter, the substring, the letters, with the word, including the word,"
    " have the word, has the letters, containing the letters, including the letter, have the letter, contains the letters,"
    " has substring, contains word, contain word, having the substring, have the substring",
    ("like", "starts"): "start with, starts with, starting with, begin with, begins with, beginning with, started with,"
    " starts with the letter, start with the letter, starting with the letter, begins with the letter,"
    " begin with the letter, beginning with the letter, with the prefix, has prefix, start with letter",
    ("like", "ends"): "end with, ends with, ending with, ends in, ending in, ends with the letter, ending with the letter,"
    " end with the letter, end in",
    ("super", "max"): "most, highest, largest, greatest, biggest, maximum number of, maximum, top, best, the most number of,"
    " largest number of, highest number of, greatest number of, most number of, maximal, highest total number of,"
    " the greatest amount of, largest amount of, greatest amount of, highest amount of, maximum amount of, biggest number of,"
    " max number of",
    ("super", "min"): "least, lowest, smallest, fewest, minimum number of, minimum, fewest number of, lowest number of,"
    " smallest number of, least number of, worst, minimal, bottom, smallest amount of, lowest amount of, least amount of",
    ("frequent", "max"): "most common, most frequent, most popular, most frequently, most commonly, most often, most used,"
    " most frequently used, most commonly used, most prominent, commonest, most widely used, most prevalent",
    ("frequent", "min"): "least common, least frequent, least popular, least commonly, least used, least frequently,"
    " rarest, least often, least frequently used, least commonly used",
    ("order", ""): "sorted by, ordered by, order by, sort by, ranked by, in order of, in the order of, arranged by, sorted in,"
    " ordered in, sorted, ordered, sort, order the results by, order them by, sort them by, sort the results by,"
    " listed by, listed in order of, and sort by, in sorted order of, sort the list by, order the list by, sorting by,"
    " ordering by, arranged in, sorted according to, ordered according to, arrange by, in order, in the order",
    ("order", "alpha"): "in alphabetical order, alphabetically, in alphabetic order, alphabetical order, in lexicographical"
    " order, in alphabetical order of, in lexicographic order, in lexicographical order of, alphabetical, lexicographical"
    " order, alphabetically ordered, alphabetically sorted, sorted alphabetically, ordered alphabetically,"
    " sorted in alphabetical order, sorted in lexicographical order, ordered in alphabetical order, in order alphabetically",
    ("order", "asc"): "in ascending order of, ascending order of, in increasing order of, ascending by, in ascending"
    " order by, sorted ascending by, ordered ascending by, in ascending alphabetical order, in ascending alphabetical"
    " order of, in ascending order according to, ordered ascending, ordered by ascending, sorted in ascending order of,"
    " sorted by ascending, increasing order of, in ascending lexicographical order, sorted ascending,"
    " sorted in ascending order by, in ascending order by the",
    ("order", "desc"): "in descending order of, descending order of, in decreasing order of, descending by, in descending"
    " order by, sorted descending by, ordered descending by, in descending alphabetical order, in reverse alphabetical order,"
    " in descending alphabetical order of, ordered descending, in reversed lexicographical order, in descending order"
    " according to, ordered by descending, sorted in descending order of, sorted by descending, decreasing order of,"
    " in reverse order of, in reverse lexicographical order, sorted descending, in reverse alphabetical order of,"
    " sorted in descending order by",
    ("direction", "asc"): "ascending, in ascending order, ascending order, increasing, in increasing order,"
    " from low to high, from least to greatest, from lowest to highest, from the lowest to the highest, from oldest to youngest oldest,"
    " from youngest to oldest, from smallest to largest, from least to most, from earliest to latest, from shortest to"
    " longest, from early to late, from oldest to most recent, from cheapest to most expensive, chronologically,"
    " in chronological order, from small to large, smallest first, lowest first, oldest first, from a to z, from first to last",
    ("direction", "desc"): "descending, in descending order, descending order, decreasing, in decreasing order,"
    " from high to low, from greatest to least, from highest to lowest, from the highest to the lowest, from oldest to youngest, from largest to"
    " smallest, from most to least, from latest to earliest, from longest to shortest, from late to early, from most recent to"
    " oldest, from the oldest to the youngest, reverse order, in reverse order, largest first, highest first, newest first,"
    " latest first, most recent first, biggest first, from big to small, from large to small, from z to a",
    ("each", ""): "for each, for every, per, each, every, grouped by, group by, broken down by, by each, in each, of each,"
    " from each, with each, on each, to each, at each, each of, for all the different, for each of the, per each, split by,"
    " for each distinct, for each different, of every, in every, by every, across, for different, across different,"
    " of different, in different, corresponding to each, to every, within each",
    ("negate", ""): "not, no, never, without, n't, nor, neither, cannot, none, non, not any, no longer, do not, does not,"
    " did not, is not, are not, was not, were not, have not, has not, had not, do not have, does not have, did not have,"
    " do not have any, does not have any, don't, doesn't, didn't, isn't, aren't, wasn't, weren't, haven't, hasn't, hadn't,"
    " don't have, doesn't have, didn't have, don't have any, doesn't have any, did not have any, have no, has no, had no,"
    " without any, with no, can't, can not, have never, has never, had never, that lack, lack, lacks, lacking, no any,"
    " not have, not have any, have not any, fail to, failed to, dont, doesnt, didnt, didnt', but not, not been, never been",
    ("but_not", ""): "but not, but do not, but does not, but did not, but don't, but doesn't, but didn't, but never, but no,"
    " and not, but have not, but has not, but are not, but is not, but without, but not the",
    ("both", ""): "both",
    ("either", ""): "either",
    ("and", ""): "and, &, as well as, along with, together with, and also, and the corresponding, and their, also, plus,"
    " and its, and his, and her, alongside, but also, and what are, and what is, and show, and list, and how much, and the",
    ("or", ""): "or, or else, or the, or both",
    ("but", ""): "but, while, yet",
    ("relative", ""): "who, whose, that, they, he, she, it, we, he or she, which, where, whom, when, in which, for which, to which, of which, with which,"
    " on which, from which, by which, those, those that, those who, such that, at which, through which, if",
    ("with", ""): "with, having, have, has, had, contain at, owning, owned, own, possess",
    ("preposition", ""): "in, from, at, on, by, for, during, of, as, to, into, among, amongst, about, within, through, whose",
    ("distinct", ""): "distinct, different, unique, distinctive, various, differing, different different, all distinct,"
    " all different, the distinct, the different",
    ("lead", ""): "what is, what are, what was, what were, show, list, find, give, give me, show me, return, display, tell me,"
    " what's, which, who, whom, find out, tell, get, please show, please list, can you, could you, i want, i would like,"
    " what, report, retrieve, select, provide, please, show us, list out, who is, who are, who was, who were, search for,"
    " select the, fetch, identify, let me know, i'd like, name, compute, calculate, determine, look up, i need, print",
    ("ask_name", ""): "who, who is, who are, who was, who were",
    ("ask_time", "", "date", "time", "year", "day"): "when did, when was, when is, when were, when does, when do, when are,"
    " on what date, on which date, on what day, on which day, what date, what time, in what year, what year",
    ("ask_place", "", "location", "city", "address", "place", "country", "headquarter"): "where is, where are, where was,"
    " where were, where does, where do, where did, where can",
    ("ask_price", "", "price", "cost", "amount", "fee", "salary", "pay"): "how much, how much does, how much did,"
    " how much is, how much money, how expensive",
    ("ask_measure", "", "age"): "how old, how old is, how old are",
    ("ask_measure", "", "length", "duration"): "how long, how long is, how long does, how long are",
    ("ask_measure", "", "height"): "how tall, how high, how tall is, how high is",
    ("ask_measure", "", "distance"): "how far",
    ("ask_measure", "", "size", "area", "population", "capacity"): "how large, how big, how large is, how big is",
    ("ask_measure", "", "weight"): "how heavy, how heavy is",
    ("ask_measure", "", "speed"): "how fast",
    ("everything", ""): "all information, all the information, all details, all info, the information, information,"
    " all the details, all columns, every detail, everything, detailed information, details about, info, all data,"
    " information about, all information about, the details about, the information about, all the information about,"
    " the information of, all information of, all information on",
    ("verb", "", "price", "cost", "fee"): "that cost, which cost, that costs, which costs, costs, costing, that are priced, priced",
    ("kind", ""): "kind of, kinds of, sort of, sorts of",
    ("growth", "max"): "grew fastest, grew the fastest, grew most, grew the most, fastest growing, growing fastest,"
    " growth, grown fastest, has grown the most, increased the most, increased most, rose the most, highest growth",
    ("growth", "min"): "fell most, fell the most, declined most, shrank most, decreased most, dropped most, slowest growing,"
    " declined the most, shrank the most, decreased the most, dropped the most, grew slowest, grew the least",
    ("versus", ""): "compare, compared to, compared with, versus, vs, comparison of",
    ("missing", ""): "missing, empty, unknown, null, blank, not available, not known",
    ("present", ""): "known, non-empty, available not, not null, not missing, not empty, given",
}  # fmt: skip

# Adjectives in their three degrees: what they measure, and which end the superlative asks for.
_ADJECTIVES = (
    ("old older oldest eldest", "max", "age|birth|founded|year|opened|date"),
    ("young younger youngest", "min", "age|birth"),
    ("tall taller tallest", "max", "height"),
    ("short shorter shortest", "min", "length|duration|distance|height|time"),
    ("long longer longest", "max", "length|duration|distance|time|year"),
    ("high higher highest", "max", ""),
    ("low lower lowest", "min", ""),
    ("heavy heavier heaviest", "max", "weight"),
    ("light lighter lightest", "min", "weight"),
    ("expensive costlier costliest priciest pricey", "max", "price|cost|fee|rate"),
    ("costly -", "max", "price|cost|fee"),
    ("cheap cheaper cheapest", "min", "price|cost|fee|rate"),
    ("fast faster fastest quickest quicker", "max", "speed|-time|-duration"),
    ("slow slower slowest", "min", "speed|-time|-duration"),
    ("large larger largest", "max", "size|area|population|capacity"),
    ("big bigger biggest", "max", "size|area|population|capacity"),
    ("small smaller smallest", "min", "size|area|population|capacity"),
    ("wide wider widest", "max", "width"),
    ("deep deeper deepest", "max", "depth"),
    ("rich richer richest wealthiest", "max", "wealth|income|worth|revenue|salary|asset"),
    ("recent later latest newest newer", "max", "date|time|year|day"),
    ("early earlier earliest first", "min", "date|time|year|day"),
    ("populous -", "max", "population"), ("populated -", "max", "population"),
    ("crowded -", "max", "attendance|population"), ("distant farther farthest furthest", "max", "distance"),
    ("near nearer nearest closer closest", "min", "distance"),
    ("experienced -", "max", "experience|year"), ("valuable -", "max", "value|price|worth"),
    ("profitable -", "max", "profit"), ("generous -", "max", "amount"), ("last final", "max", "date|time|year"),
    ("highly-rated -", "max", "rating|score"),
)  # fmt: skip
_LATE = ("date", "time", "year", "day")
_OPPOSITE = {"max": "min", "min": "max"}


@cache
def cues() -> Mapping[tuple[str, ...], tuple[Cue, ...]]:
    """Return the cues by their words, in lower case."""
    found: dict[tuple[str, ...], list[Cue]] = {}
    for (kind, value, *hints), phrases in _PHRASES.items():
        for phrase in phrases.split(","):
            found.setdefault(tuple(phrase.split()), []).append(Cue(kind, value, tuple(hints)))
    for forms, end, hints in _ADJECTIVES:
        positive, *others = forms.split()
        _add_adjective(
            found, positive, [form for form in others if form != "-"], end, tuple(filter(None, hints.split("|")))
        )
    for phrase in ("most recently", "latest", "last", "most recent"):
        found.setdefault(tuple(phrase.split()), []).append(Cue("super", "max", _LATE))
    return {words: tuple(meanings) for words, meanings in found.items()}


def _add_adjective(found: dict, positive: str, others: list[str], end: str, hints: tuple[str, ...]) -> None:
    operator = ">" if end == "max" else "<"
    for form in others:
        if form.endswith("er") and hints:
            found.setdefault((form, "than"), []).append(Cue("compare", operator, hints))
        elif hints:
            found.setdefault((form,), []).append(Cue("super", end, hints))
    if hints:
        found.setdefault(("more", positive, "than"), []).append(Cue("compare", operator, hints))
        found.setdefault(("less", positive, "than"), []).append(Cue("compare", "<" if operator == ">" else ">", hints))
        found.setdefault(("most", positive), []).append(Cue("super", end, hints))
        found.setdefault(("least", positive), []).append(Cue("super", _OPPOSITE[end], hints))


# Words that mean nothing in most questions, yet may name a table or column.
SOFT = set(
    [
        "order",
        "orders",
        "list",
        "lists",
        "record",
        "records",
        "table",
        "tables",
        "data",
        "entry",
        "entries",
        "value",
        "values",
        "row",
        "rows",
        "information",
        "result",
        "results",
        "time",
        "times",
        "use",
        "uses",
        "show",
        "shows",
        "existing",
        "exist",
        "exists",
        "currently",
        "now",
        "today",
        "certain",
        "overall",
        "possible",
        "ordered",
        "place",
        "placed",
        "row",
        "rows",
        "database",
        "make",
    ]
)
STOP = (
    SOFT
    | set(
        [
            "the",
            "a",
            "an",
            "of",
            "all",
            "any",
            "is",
            "are",
            "was",
            "were",
            "be",
            "been",
            "being",
            "do",
            "does",
            "did",
            "to",
            "there",
            "their",
            "its",
            "his",
            "her",
            "my",
            "our",
            "your",
            "it",
            "they",
            "we",
            "me",
            "us",
            "i",
            "you",
            "he",
            "she",
            "them",
            "him",
            "that",
            "this",
            "these",
            "those",
            "and",
            "or",
            "in",
            "on",
            "at",
            "for",
            "by",
            "with",
            "from",
            "as",
            "please",
            "just",
            "only",
            "then",
            "so",
            "also",
            "too",
            "can",
            "could",
            "will",
            "would",
            "should",
            "may",
            "might",
            "ever",
            "have",
            "has",
            "had",
            "having",
            "whose",
            "who",
            "which",
            "what",
            "where",
            "when",
            "how",
            "corresponding",
            "respective",
            "respectively",
            "associated",
            "related",
            "certain",
            "given",
            "given",
            "some",
            "such",
            "same",
            "other",
            "own",
            "one",
            "ones",
            "overall",
            "currently",
            "now",
            "today",
            "each",
            "every",
            "both",
            "either",
            "per",
            "listed",
            "available",
            "existing",
            "exist",
            "exists",
            "database",
            "record",
            "records",
            "table",
            "tables",
            "data",
            "entry",
            "entries",
            "value",
            "values",
            "row",
            "rows",
            "information",
            "list",
            "together",
            "time",
            "times",
            "about",
            "among",
            "there's",
            "it's",
            "us",
            "out",
            "up",
            "into",
            "via",
            "than",
            "more",
            "most",
            "least",
            "less",
            "if",
            "else",
            "but",
            "not",
            "no",
            "results",
            "result",
            "returned",
            "sorted",
            "ordered",
            "order",
            "belong",
            "belongs",
            "who's",
            "following",
            "follow",
            "possible",
            "different",
            "distinct",
            "placed",
            "place",
            "new",
            "come",
            "came",
            "comes",
            "coming",
            "made",
            "make",
            "makes",
            "get",
            "gets",
            "got",
            "took",
            "take",
            "takes",
            "use",
            "used",
            "uses",
            "using",
            "show",
            "shows",
            "shown",
            "find",
            "give",
        ]
    )
    | set(NUMBERS)
)
