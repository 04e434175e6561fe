"""Reads questions about figures of the business: what is sold or earned, shares, growth, one period against another."""

import datetime

from core.models.offline import ir
from core.models.offline.counting import count_here
from core.models.offline.cues import Cue
from core.models.offline.periods import floor, shift
from core.models.offline.reader import Pending, Reader
from core.models.offline.thesaurus import directed_synonyms
from core.models.offline.times import date_column, last_day
from core.models.offline.words import lemma


def figure_said(r: Reader) -> ir.Metric | None:
    """Return the figure that the words of the question add up to: "we sell ... units" says units sold."""
    said = {lemma(word.strip("?.,!")) for chunk in r.chunks for word in chunk.text.split()}
    found = [phrase for phrase in r.metrics if len(phrase) > 1 and set(phrase) <= said]
    if not found:
        meant = {other for word in said for other in directed_synonyms(word)}
        found = [phrase for phrase in r.metrics if len(phrase) == 1 and phrase[0] in said | meant]
    return r.metrics[max(found, key=len)] if found else None


def _use_words(r: Reader, metric: ir.Metric) -> None:
    """Count the words that *metric* was read from as used."""
    words = {word for phrase, other in r.metrics.items() if other is metric for word in phrase}
    for place, chunk in enumerate(r.chunks):
        base = lemma(chunk.text)
        if not chunk.chosen and (base in words or directed_synonyms(base) & words):
            r.used.add(place)


def take_figure(r: Reader) -> ir.Metric | None:
    """Return the figure that the words add up to, those words counted as used."""
    metric = figure_said(r)
    if metric:
        _use_words(r, metric)
    return metric


def read_how_much(r: Reader, cue: Cue) -> bool:
    """Read "how much did we sell", "how much money did we refund", "how much does it cost"."""
    if r.pending or not r.head:
        return False
    ours = any(chunk.text.lower() in ("we", "money", "our") or "money" in chunk.text.lower() for chunk in r.chunks)
    later = next((c for c in r.chunks[r.place :] if c.chosen == "name:column" and c.column and c.column.numeric), None)
    if ours and later:
        r.aggregate = "sum"
        r.take()
        return True
    if any(chunk.metric for chunk in r.chunks):
        r.take()
        return True
    if (metric := figure_said(r)) and ours:
        r.pending.append(Pending(metric, r.place, True))
        _use_words(r, metric)
        r.take()
        return True
    r.wanted = cue.hints
    r.take()
    return True


def read_count(r: Reader, cue: Cue) -> bool:
    """Read "how many"; of what was sold, the pieces count and not the kinds."""
    metric = figure_said(r)
    selling = any(lemma(word) == "sell" for chunk in r.chunks for word in chunk.text.lower().split())
    if metric and selling and r.place == 0 and any("sell" in phrase for phrase, m in r.metrics.items() if m is metric):
        r.pending.append(Pending(metric, r.place, True))
        _use_words(r, metric)
        r.take()
        return True
    if selling and r.place == 0:
        pieces = next((m for phrase, m in r.metrics.items() if "sell" in phrase and len(phrase) > 1), None)
        if pieces and any(chunk.chosen == "value" for chunk in r.chunks[1:3]):
            r.pending.append(Pending(pieces, r.place, True))
            _use_words(r, pieces)
            r.take()
            return True
    return count_here(r, True)


def read_share(r: Reader, cue: Cue) -> bool:
    """Read "what percentage of orders is cancelled", "share of revenue by country"."""
    place = r.following(r.place + 1, "preposition")
    chunk = r.chunk_at(place)
    if chunk is None:
        return False
    if chunk.metric:
        r.take(place - r.place)
        r.pending.append(Pending(ir.Share(chunk.metric), r.place, True))
        r.take()
        return True
    if chunk.chosen == "name:column" and chunk.column and chunk.column.numeric:
        r.take(place - r.place)
        r.pending.append(Pending(ir.Share(ir.Agg("sum", ir.Col(chunk.column))), r.place, True))
        r.take()
        return True
    if chunk.chosen == "name:table" and chunk.table:
        r.take(place + 1 - r.place)
        r.speak_of(chunk.table)
        r.need(chunk.table)
        r.portion = chunk.table
        r.leave_head()
        return True
    return False


def read_growth(r: Reader, cue: Cue) -> bool:
    """Read "which country grew fastest": this year so far against the same part of the year before."""
    of: ir.Expr | None = next((p.expr for p in r.pending if isinstance(p.expr, ir.Metric)), None) or figure_said(r)
    if of is None and r.metrics:
        of = next(iter(r.metrics.values()))
        r.notes.append(f"Growth is taken to be of {of.name}.")
    if not isinstance(of, ir.Metric):
        return False
    r.pending = [p for p in r.pending if p.expr != of]
    r.pending.append(Pending(of, r.place, False))
    column = date_column(r)
    r.pending.pop()
    if column is None:
        return False
    end = last_day(r, column) + datetime.timedelta(days=1)
    start = floor(end - datetime.timedelta(days=1), "year")
    for place, chunk in enumerate(r.chunks[r.place :], r.place):
        if chunk.chosen == "period" and (period := chunk.period) and not period.bucket:
            first, after = period.resolve(end - datetime.timedelta(days=1))
            if first is None or after is None:
                return False
            start, end, chunk.chosen = first, min(after, end), ""
            r.used.add(place)
            break
    now = (start.isoformat(), end.isoformat())
    before = (shift(start, "year", -1).isoformat(), shift(end, "year", -1).isoformat())
    growth = ir.Growth(of, column, now, before)
    r.notes.append(f"Growth compares {now[0]} to {end - datetime.timedelta(days=1)} with the same days a year earlier.")
    r.pending.append(Pending(growth, r.place, True))
    r.query.order.append((growth, cue.value == "max"))
    r.query.limit = r.rows or 1
    r.take()
    return True


def read_unit_asked(r: Reader, unit: str) -> bool:
    """Read "in which month": the unit of time is what is shown."""
    before = r.chunks[r.place - 1].text.lower() if r.place else ""
    if not before.endswith(("which", "what")) or r.pending:
        return False
    metric = next((chunk.metric for chunk in r.chunks if chunk.metric), None) or take_figure(r)
    if metric:
        r.pending.append(Pending(metric, r.place, False))
    column = date_column(r)
    if metric:
        r.pending.pop()
    if column is None:
        return False
    r.pending.append(Pending(ir.Bucket(column, unit), r.place, True))
    r.take()
    return True
