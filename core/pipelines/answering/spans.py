"""Which span of time an expression cuts a date to: a month, a weekday, an hour; as each dialect writes it."""

from sqlglot import exp

# How many characters of an ISO date, or which format of one, make which span of time.
_SPANS = {
    "4": "year", "7": "month", "10": "day", "%Y": "year", "%Y-%m": "month", "%Y-%m-%d": "day", "%w": "weekday",
    "%u": "weekday", "%H": "hour", "%m": "month",
}  # fmt: skip
_PARTS = {"isodow": "weekday", "dow": "weekday", "dayofweek": "weekday", "dayofweek_iso": "weekday", "doy": "day"}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def span_of(value: exp.Expr) -> str:
    """Return the span that *value* stands for; empty when it is no cut of a date."""
    literals = {literal.this for literal in value.find_all(exp.Literal) if literal.is_string}
    if value.find(exp.AggFunc):
        return ""
    if "-Q" in literals:
        return "quarter"
    match value:
        case exp.Substring():
            return _part_of_text(value)
        case exp.TimeToStr():
            return _SPANS.get(value.args["format"].name, "")
        case exp.TimestampTrunc() | exp.DateTrunc():
            return str(value.args["unit"].name).lower()
        case exp.Extract():
            said = str(value.name).lower()
            return _PARTS.get(said, said)
        case exp.Year() | exp.Month() | exp.Day() | exp.Hour() | exp.Quarter() | exp.Week():
            return type(value).__name__.lower()
    if value.find(exp.DayOfWeek, exp.DayOfWeekIso) or "WEEKDAY(" in value.sql().upper():
        return "weekday" if isinstance(value, exp.Add | exp.DayOfWeek | exp.DayOfWeekIso) else "week"
    return "week" if "weekday 0" in literals else ""


def _part_of_text(value: exp.Substring) -> str:
    start, length = value.args.get("start"), value.args.get("length")
    if start is None or length is None:
        return ""
    return (
        _SPANS.get(length.name, "") if start.name == "1" else {("12", "2"): "hour"}.get((start.name, length.name), "")
    )


def weekdays(value: exp.Expr) -> dict[str, str]:
    """Return the days' names by the numbers that *value* gives them; empty when it gives no weekdays."""
    value = value.unalias()
    while isinstance(value, exp.Cast | exp.Paren):
        value = value.this
    if span_of(value) != "weekday":
        return {}
    from_sunday = isinstance(value, exp.TimeToStr) and value.args["format"].name == "%w"
    from_sunday = from_sunday or (isinstance(value, exp.Extract) and value.name.lower() in ("dow", "dayofweek"))
    if isinstance(value, exp.DayOfWeek):
        return {}
    names = {str(number): name for number, name in enumerate(_WEEKDAYS, start=1)}
    if from_sunday:
        names = {"0": names.pop("7")} | names
    return names
