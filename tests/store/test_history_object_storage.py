"""The index on object storage, filled from a disk and from the same store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.store.files import Folder
from curator.store.history import History
from curator.store.history_lookup import find_bands, find_hashes, names, sketches
from curator.store.history_parts import CONTENT
from curator.store.history_publish import publish_night
from tests.s3_server import s3_server
from tests.store.nights import Kept, keys_of, night_step, output_of, sketch_of

BUCKET = "curator-history"
KEPT = Kept(3, [(5, 0), (1 << 63, 2)], [(9, 1, 4)])


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The URI of a bucket of a local S3 server; `{}` stands for the key."""
    with s3_server(BUCKET) as (_, port):
        yield f"s3://{BUCKET}/{{}}?endpoint_override=127.0.0.1:{port}&scheme=http&region=us-east-1"


@pytest.mark.parametrize("way", ["from a disk", "from the store", "to a disk"])
def test_nights_are_added_found_and_taken_the_place_of(bucket: str, tmp_path: Path, way: str) -> None:
    stored = bucket.format(way.replace(" ", "-"))
    base = str(tmp_path) if way == "from a disk" else stored
    index = Folder(str(tmp_path / "index") if way == "to a disk" else stored.replace("?", "/index?"))
    for number, digest in ((0, "a"), (1, "old"), (1, "new")):
        output = output_of(base, number)
        step = night_step(index, base, number, KEPT, digest)
        publish_night(index, step, output)
        publish_night(index, step, output)
    history = History.open(index)
    assert [night.digest for night in history.nights] == ["a", "new"]
    assert "testing" not in history.nights[0].output
    assert "?" not in history.nights[0].output
    assert [column.tolist() for column in find_bands(history, keys_of(5, 6, 1 << 63))] == [
        [5, 5, 1 << 63, 1 << 63], [0, 3, 2, 5],
    ]  # fmt: skip
    assert [column.tolist() for column in find_hashes(history, CONTENT, keys_of(9, 9), keys_of(0, 1))] == [
        [1],
        [0],
        [4],
    ]
    assert sketches(history, keys_of(4)).tolist() == [sketch_of(4)]
    assert names(history, keys_of(4))[0].tolist() == [1]
    assert sorted((index / "keepers").folders()) == ["00000-a", "00001-new"]
    assert "run.lock" not in index.names()
