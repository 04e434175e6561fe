"""What aggregation pipelines may use: operators that compute from the documents at hand and nothing else.

Left out are those that run code ($function, $accumulator, $where), read elsewhere ($graphLookup, $documents), know of
the server or the session ($meta, $$USER_ROLES), write ($out, $merge), or make much of little ($range, $densify).
"""

COMPARISONS = frozenset({"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$cmp"})

GROWING = frozenset({"$concat", "$concatArrays", "$setUnion", "$zip"})
"""Those whose result may be as long as all their arguments together."""

LOOPING = frozenset({"$map", "$reduce"})

_ARITHMETIC = """abs add ceil divide exp floor ln log log10 mod multiply pow round sqrt subtract trunc
    sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh degreesToRadians radiansToDegrees
    bitAnd bitOr bitXor bitNot"""
_LOGIC = "and or not cond ifNull switch in let literal"
_TEXT = """concat indexOfCP ltrim rtrim trim regexFind regexFindAll regexMatch replaceOne replaceAll split strLenCP
    strcasecmp substr substrCP toLower toUpper"""
_DATES = """dateAdd dateDiff dateFromParts dateFromString dateSubtract dateToParts dateToString dateTrunc dayOfMonth
    dayOfWeek dayOfYear hour isoDayOfWeek isoWeek isoWeekYear millisecond minute month second week year"""
_ARRAYS = """arrayElemAt arrayToObject concatArrays filter first firstN in indexOfArray isArray last lastN map maxN minN
    objectToArray reduce reverseArray size slice sortArray zip allElementsTrue anyElementTrue setDifference setEquals
    setIntersection setIsSubset setUnion"""
_DOCUMENTS = "getField mergeObjects"
_TYPES = (
    """convert isNumber toBool toDate toDecimal toDouble toInt toLong toObjectId toString type binarySize bsonSize"""
)
_FIGURES = "avg max median min percentile stdDevPop stdDevSamp sum"


def _named(*words: str) -> frozenset[str]:
    return frozenset("$" + word for text in words for word in text.split())


EXPRESSIONS = _named(_ARITHMETIC, _LOGIC, _TEXT, _DATES, _ARRAYS, _DOCUMENTS, _TYPES, _FIGURES) | COMPARISONS

ACCUMULATORS = _named(
    _FIGURES, "addToSet bottom bottomN count first firstN last lastN maxN mergeObjects minN push top topN"
)

WINDOW = ACCUMULATORS | _named(
    "covariancePop covarianceSamp denseRank derivative documentNumber expMovingAvg integral linearFill locf rank shift"
)

VARIABLES = frozenset({"ROOT", "CURRENT", "NOW", "REMOVE"})
"""MongoDB's own variables, all in capitals; a query's own begin with a small letter."""

RESULTS = {
    **dict.fromkeys(("$avg", "$stdDevPop", "$stdDevSamp", "$divide", "$sqrt", "$toDouble"), "double"),
    **dict.fromkeys(("$count", "$size", "$year", "$month", "$dayOfMonth", "$hour", "$toInt", "$strLenCP"), "int"),
    **dict.fromkeys(("$concat", "$dateToString", "$toString", "$toLower", "$toUpper", "$trim"), "string"),
    **dict.fromkeys(("$dateTrunc", "$dateFromParts", "$dateFromString", "$toDate", "$dateAdd"), "date"),
    **dict.fromkeys(("$push", "$addToSet", "$map", "$filter"), "array"),
    "$toObjectId": "objectId",
}
"""Types of what some of them give."""

SAME = frozenset({"$first", "$last", "$min", "$max", "$ifNull", "$median", "$arrayElemAt"})
"""Those that give a value of their argument's type."""
