"""A folder of sequences in a bucket is read as one on a disk, by workers too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

torch = pytest.importorskip("torch", reason="pip install 'curator[models]'")
from torch.utils.data import DataLoader  # noqa: E402

from curator.loader import CuratedDataset  # noqa: E402
from tests.loader.sequence_folders import drawn_sequences, write_folder  # noqa: E402
from tests.s3_server import s3_server  # noqa: E402

BUCKET = "curator-sequences"


@pytest.fixture(scope="module")
def uri() -> Iterator[str]:
    with s3_server(BUCKET) as (_, port):
        yield f"s3://{BUCKET}/night/sequences?endpoint_override=127.0.0.1:{port}&scheme=http&region=us-east-1"


@pytest.mark.parametrize("workers", [0, 2])
def test_a_bucket_is_read_in_training_order(uri: str, workers: int) -> None:
    write_folder(uri, drawn_sequences(30))
    start = "forkserver" if workers else None  # a process that was forked must not use a connection of its parent
    loader = DataLoader(CuratedDataset(path=uri), batch_size=None, num_workers=workers, multiprocessing_context=start)
    assert [int(one["sequence"]) for one in loader] == list(range(30))
