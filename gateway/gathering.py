"""A session as one JSON object: what the frames of the `query` dialect amount to, at its end or so far."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.dialects.query.memory import Said

# Rows of one table that an object holds; more are streamed or exported.
MOST_ROWS = 10_000


class Gathered:
    """Takes frames in their order. What an earlier attempt of a stage said is dropped once a later one speaks."""

    def __init__(self) -> None:
        self._attempts: dict[str, int] = {}
        self._frames: list[Said] = []
        self.last: Said = {}
        """The frame that came last; a session that is over says with it how it ended."""

    def add(self, frames: Iterable[Said]) -> None:
        for frame in frames:
            self.last = frame
            stage, attempt = frame["stage"], frame["attempt"]
            if attempt > self._attempts.setdefault(stage, attempt):
                self._attempts[stage] = attempt
                self._frames = [kept for kept in self._frames if kept["stage"] != stage]
            if frame["type"] == "partial_results":
                frame["rows"] = frame["rows"][: max(0, MOST_ROWS - frame["offset"])]
            self._frames.append(frame)

    def answer(self) -> dict[str, Any]:
        """Return what was found out: databases, queries, rows, analysis; null for what there is not (yet)."""
        generated = [part(each, "database", "language", "sql", "query_id") for each in self._all("sql_generated")]
        plans = self._all("plan_validated")
        return {
            "databases": next((each["databases"] for each in reversed(self._all("databases_selected"))), []),
            "sql": generated[-1]["sql"] if generated else None,
            "queries": generated,
            "plan": plans[-1]["plan"] if plans else None,
            **self._rows(),
            "analysis": self._text("report") or self._text("answer") or None,
            "findings": [part(each, "content", "figures") for each in self._content("finding")],
            "chart": next((chart_of(each) for each in reversed(self._content("chart"))), None),
            "follow_ups": next((each["questions"] for each in reversed(self._content("follow_ups"))), []),
        }

    def _all(self, kind: str) -> list[Said]:
        return [frame for frame in self._frames if frame["type"] == kind]

    def _content(self, kind: str) -> list[Said]:
        return [frame for frame in self._all("partial_content") if frame["kind"] == kind]

    def _text(self, channel: str) -> str:
        """Return a channel's text: that of each stage by itself, as answers of several rounds follow each other."""
        texts = defaultdict[str, list[str]](list)
        for chunk in self._all("analysis_chunk"):
            if chunk["channel"] == channel:
                texts[chunk["stage"]].append(chunk["text"])
        return "\n\n".join(map("".join, texts.values()))

    def _rows(self) -> dict[str, Any]:
        """Return the newest table; the first, which answers the question, where a report rests on several."""
        parts = self._all("partial_results")
        tables = list(dict.fromkeys(each["table"] for each in parts))
        chosen = tables[0 if self._text("report") else -1] if tables else ""
        parts = [each for each in parts if each["table"] == chosen]
        rows = [row for each in parts for row in each["rows"]]
        count = max((each["offset"] + each["row_count"] for each in parts), default=0)
        cut = next((each["message"] for each in parts if each["complete"] and each["truncated"]), "")
        if len(rows) < count:
            cut = f"These are the first {len(rows):,} of {count:,} rows; the others are streamed and exported. {cut}"
        columns: list[Said] = next((each["columns"] for each in parts if "columns" in each), [])
        return {"columns": columns, "rows": rows, "row_count": count, "truncated": cut.strip() or None}


def chart_of(frame: Said) -> dict[str, Any]:
    return {"kind": frame["chart"], **part(frame, "title", "content", "vega_lite")}


def part(frame: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: frame[name] for name in names if name in frame}
