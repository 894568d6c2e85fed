"""Exports hold the same tokens in the same order, read back by the layout of the format or by its library."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from curator.errors import ConfigError
from curator.loader.export import to_mds, to_megatron
from tests.loader.sequence_folders import VOCABULARY, Packed, drawn_sequences, write_folder

TYPES = {1: "u1", 2: "i1", 3: "i2", 4: "i4", 5: "i8", 6: "f8", 7: "f4", 8: "u2"}  # Megatron's own codes


def documents(sequences: Packed) -> list[list[int]]:
    return [piece.tokens for one in sequences for piece in one]


def read_megatron(folder: Path, name: str) -> tuple[list[list[int]], list[int]]:
    """Each sequence of a .bin, and the list of the documents, by the layout that Megatron-LM's IndexedDataset reads."""
    content = (folder / f"{name}.idx").read_bytes()
    magic, version, code, sequences, edges = struct.unpack("<9sQBQQ", content[:34])
    assert (magic, version) == (b"MMIDIDX\x00\x00", 1)
    lengths = np.frombuffer(content, "<i4", sequences, 34)
    pointers = np.frombuffer(content, "<i8", sequences, 34 + 4 * sequences)
    ends = np.frombuffer(content, "<i8", edges, 34 + 12 * sequences)
    assert len(content) == 34 + 12 * sequences + 8 * edges
    data = (folder / f"{name}.bin").read_bytes()
    read = [
        np.frombuffer(data, f"<{TYPES[code]}", length, pointer).tolist()
        for length, pointer in zip(lengths, pointers, strict=True)
    ]
    return read, ends.tolist()


@pytest.mark.parametrize("vocabulary", [VOCABULARY, 65_499, 65_500, 200_000])
def test_megatron_reads_every_piece_as_a_document(tmp_path: Path, vocabulary: int) -> None:
    sequences = drawn_sequences(60, vocabulary=vocabulary)
    write_folder(tmp_path / "in", sequences, vocabulary=vocabulary)
    number = to_megatron(str(tmp_path / "in"), str(tmp_path / "out"), name="text")
    read, edges = read_megatron(tmp_path / "out", "text")
    assert read == documents(sequences)
    assert edges == list(range(number + 1))
    width = 2 if vocabulary < 65_500 else 4
    assert (tmp_path / "out" / "text.bin").stat().st_size == width * sum(map(len, read))


def test_a_folder_without_sequences_is_an_export_without_documents(tmp_path: Path) -> None:
    write_folder(tmp_path / "in", [], files=1)
    assert to_megatron(str(tmp_path / "in"), str(tmp_path / "out")) == 0
    assert read_megatron(tmp_path / "out", "sequences") == ([], [0])


def test_mds_without_its_library_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "streaming", None)
    with pytest.raises(ConfigError, match=r"pip install 'curator\[mds\]'"):
        to_mds(str(tmp_path), str(tmp_path / "out"))


@pytest.mark.parametrize("compression", [None, "zstd"])
def test_mds_reads_every_sequence_in_order(tmp_path: Path, compression: str | None) -> None:
    streaming = pytest.importorskip("streaming", reason="pip install 'curator[mds]'")
    sequences = drawn_sequences(40)
    write_folder(tmp_path / "in", sequences)
    assert to_mds(str(tmp_path / "in"), str(tmp_path / "out"), compression=compression) == 40
    read = streaming.LocalDataset(str(tmp_path / "out")) if compression is None else decompressed(tmp_path / "out")
    assert len(read) == 40
    for sample, pieces in zip((read[place] for place in range(40)), sequences, strict=True):
        assert sample["input_ids"].tolist() == [token for piece in pieces for token in piece.tokens]
        assert sample["cu_seqlens"].tolist() == np.cumsum([0, *(len(piece.tokens) for piece in pieces)]).tolist()
        assert sample["doc_ids"].tolist() == [piece.document for piece in pieces]


def decompressed(folder: Path) -> object:
    import streaming

    return streaming.StreamingDataset(local=str(folder), shuffle=False, batch_size=1)
