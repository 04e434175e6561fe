"""Writes a collection into a folder as Qdrant's local mode keeps it, for the sample data and for tests.

The mode's own client commits every point by itself, tens of milliseconds each on a slow disk; here it is all at once.
"""

import pickle
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from qdrant_client import QdrantClient, models
from qdrant_client.local.persistence import STORAGE_FILE_NAME, CollectionPersistence


def write_collection(folder: Path, name: str, dimensions: int, points: Iterable[models.PointStruct]) -> None:
    """Add the collection *name* to *folder*, its vectors compared by cosine. Raises ValueError when it is there."""
    client = QdrantClient(path=str(folder))
    try:
        config = models.VectorParams(size=dimensions, distance=models.Distance.COSINE)
        client.create_collection(name, vectors_config=config)
    finally:
        client.close()
    rows = [(CollectionPersistence.encode_key(point.id), pickle.dumps(point)) for point in points]
    with closing(sqlite3.connect(folder / "collection" / name / STORAGE_FILE_NAME)) as connection, connection:
        connection.executemany("INSERT INTO points VALUES (?, ?)", rows)
