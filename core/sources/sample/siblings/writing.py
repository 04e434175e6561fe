"""Writes the siblings that need no server into a folder, once: rates as Parquet files, feedback as points of Qdrant."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import StoreError
from core.sources import sample
from core.sources.embedding.hashing import hashed
from core.sources.sample.shop import GENERATION as SHOP_GENERATION
from core.sources.sample.siblings.community import community
from core.sources.sample.siblings.feedback import Feedback, feedback
from core.sources.sample.siblings.rates import LEGAL_TENDER, rates
from core.sources.sample.vocabulary import in_settings

# Raise it when a sibling changes: folders written by an older one are then written anew.
GENERATION = f"{SHOP_GENERATION}.1"
DIMENSIONS = 256
EMBEDDER = f"hashing:{DIMENSIONS}"
RATES, FEEDBACK, COMMUNITY = "rates", "feedback", "community.json"
_MARK = "generation"


def ensure(folder: Path, shop: Path) -> Path:
    """Return *folder* with the siblings of the shop at *shop*, written first unless they are there.

    Raises StoreError when *folder* can't be written, or is something else.
    """
    try:
        return _ensure(folder, shop)
    except OSError as error:
        raise StoreError(f"The sample data can't be written to {folder} ({error.strerror}).") from error


def _ensure(folder: Path, shop: Path) -> Path:
    mark = folder / _MARK
    if mark.is_file() and mark.read_text() == GENERATION:
        return folder
    if folder.exists() and not mark.is_file():
        raise StoreError(f"{folder} exists and is not the sample data, so it was left alone; give another path for it.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        write(partial, shop)
        shutil.rmtree(folder, ignore_errors=True)
        _claim(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def sources(folder: Path, shop_url: str = "") -> dict[str, dict[str, Any]]:
    """Return the settings by name of the shop, here or at *shop_url*, and of its siblings in *folder*."""
    return {
        "shop": {"url": shop_url, "description": sample.DESCRIPTION, **in_settings()}
        if shop_url
        else {"url": "sample://shop"},
        "rates": {"url": str(folder / RATES), "description": "What a euro was worth in other currencies, day by day"},
        "reviews": {
            "url": f"qdrant:///{folder / FEEDBACK}",
            "description": "What the shop's customers wrote at length about what they bought",
            "embedder": EMBEDDER,
        },
    }


def write(folder: Path, shop: Path) -> None:
    """Write the siblings of the shop at *shop* into the empty *folder*."""
    write_rates(folder / RATES)
    write_feedback(folder / FEEDBACK, feedback(shop))
    (folder / COMMUNITY).write_text(json.dumps(community(shop).document()))
    (folder / _MARK).write_text(GENERATION)


def write_rates(folder: Path) -> None:
    """Write one Parquet file a table."""
    import pyarrow
    from pyarrow import parquet

    folder.mkdir()
    days, currencies, values = zip(*rates(), strict=True)
    told = {"rate_date": pyarrow.array(days, pyarrow.date32()), "currency": currencies, "rate": values}
    parquet.write_table(pyarrow.table(told), folder / "exchange_rates.parquet")
    numbers, codes, own = zip(*LEGAL_TENDER, strict=True)
    countries = {"country_id": numbers, "iso_code": codes, "currency": own}
    parquet.write_table(pyarrow.table(countries), folder / "legal_tender.parquet")


def write_feedback(folder: Path, said: Sequence[Feedback]) -> None:
    """Write the collection `feedback`."""
    from qdrant_client import models

    from core.sources.qdrant.writing import write_collection

    points = (
        models.PointStruct(id=one.feedback_id, vector=hashed(one.text, DIMENSIONS), payload=one._asdict())
        for one in said
    )
    write_collection(folder, "feedback", DIMENSIONS, points)


def _claim(partial: Path, folder: Path) -> None:
    """Give *partial* its real name; another process may have been first with the same."""
    try:
        partial.rename(folder)
    except OSError:
        if not (folder / _MARK).is_file():
            raise
