"""Document shards follow from the records alone."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from curator.readers.records import RAW
from curator.steps.raw_shards import ROW_BYTES, clean_schema, cut_into_shards, damaged_row, extracted, with_clean_text
from curator.text.cleaning import CleanSettings
from curator.text.extraction.extractor import ExtractionSettings, Extractor
from curator.text.lines import CURATOR_LINES

SETTINGS = CleanSettings(mojibake=True, lines=CURATOR_LINES, personal_data={"email": "mask", "phone": "count"})
CLEAN = clean_schema(SETTINGS)


def clean(texts: list[str | None]) -> pa.Table:
    rows = [
        {**dict.fromkeys(CLEAN.names), "file": 0, "position": place, "text": text} for place, text in enumerate(texts)
    ]
    return pa.Table.from_pylist(rows, schema=CLEAN)


def raw(**columns: object) -> pa.Table:
    return pa.Table.from_pylist(
        [{**dict.fromkeys(RAW.names), "file": 0, "position": 0, "source": "s", **columns}], schema=RAW
    )


def cleaned(**columns: object) -> dict[str, Any]:
    with Extractor(ExtractionSettings()) as extractor:
        (row,) = with_clean_text(extracted(raw(**columns), extractor), SETTINGS).to_pylist()
    return row


@given(st.lists(st.text(max_size=300) | st.none(), max_size=30), st.integers(1, 500), st.integers(1, 7))
def test_cuts_do_not_depend_on_how_the_records_were_batched(texts: list[str | None], size: int, batch: int) -> None:
    whole = clean(texts)
    batches = [whole.slice(start, batch) for start in range(0, len(texts), batch)]
    found = list(cut_into_shards(batches, size))
    assert [shard.num_rows for shard in found] == [shard.num_rows for shard in cut_into_shards([whole], size)]
    assert pa.concat_tables([whole.slice(0, 0), *found])["text"].to_pylist() == texts


def test_a_shard_ends_with_the_document_that_fills_it() -> None:
    sizes = [shard.num_rows for shard in cut_into_shards([clean(["x" * 100] * 10)], 3 * (100 + ROW_BYTES))]
    assert sizes == [3, 3, 3, 1]


def test_bad_records_alone_fill_shards_too() -> None:
    assert len(list(cut_into_shards([clean([None] * 100)], 10 * ROW_BYTES))) == 10


def test_an_html_page_becomes_its_main_text() -> None:
    page = (
        b"<html><body><nav>Home</nav><main><h1>Title</h1><p>"
        + b"A sentence of the page. " * 20
        + b"</p></main></body></html>"
    )
    row = cleaned(html=page)
    assert "A sentence of the page." in row["text"]
    assert row["payload_bytes"] == len(page)
    assert row["reason"] is None


def test_a_page_without_text_is_a_row_with_its_reason() -> None:
    row = cleaned(html=b"<html><body></body></html>")
    assert (row["text"], row["reason"]) == (None, "no_main_text")


def test_a_text_of_which_nothing_is_left_is_a_row_with_its_reason() -> None:
    row = cleaned(text="\x00\u200b\x01")
    assert (row["text"], row["reason"]) == (None, "empty_text")


def test_the_reason_of_a_bad_record_is_kept() -> None:
    row = cleaned(reason="invalid_json", detail="line 3")
    assert (row["text"], row["reason"], row["detail"]) == (None, "invalid_json", "line 3")


def test_the_unread_rest_of_a_file_is_one_row() -> None:
    (row,) = damaged_row(2, "s", 77, "truncated", SETTINGS).to_pylist()
    assert (row["file"], row["position"], row["reason"], row["detail"]) == (2, 77, "damaged_file", "truncated")


def test_clean_up_says_what_it_found() -> None:
    row = cleaned(text="Write to jane@mail.example-company.com, or call.\n\nA second line of text.")
    assert "jane" not in row["text"]
    assert (row["pii_email"], row["pii_phone"], row["removed_words"]) == (1, 0, 0.0)


def test_lines_that_go_from_pages_stay_in_captions() -> None:
    assert cleaned(text="Read more\n\nA red boat.")["text"] == "A red boat."
    row = cleaned(text="Read more\n\nA red boat.", medium={"bytes": None, "path": "boat.jpg"})
    assert row["text"] == "Read more\n\nA red boat."
    assert row["medium"] == {"bytes": None, "path": "boat.jpg"}


def test_captions_between_texts_keep_their_places() -> None:
    media = [None if place % 3 else {"bytes": None, "path": "boat.jpg"} for place in range(10)]
    batch = pa.concat_tables(
        [raw(text=f"Read more\n\nBoat {place} is red.", medium=medium) for place, medium in enumerate(media)]
    )
    with Extractor(ExtractionSettings()) as extractor:
        found = with_clean_text(extracted(batch, extractor), SETTINGS)
    expected = [("Read more\n\n" if medium else "") + f"Boat {place} is red." for place, medium in enumerate(media)]
    assert found["text"].to_pylist() == expected


def test_the_bytes_of_media_fill_a_shard() -> None:
    rows = clean(["a"] * 10)
    medium = pa.array([{"bytes": b"x" * 1_000, "path": None}] * 10, rows.schema.field("medium").type)
    rows = rows.set_column(rows.column_names.index("medium"), "medium", medium)
    assert [len(shard) for shard in cut_into_shards([rows], 3_000)] == [3, 3, 3, 1]


def test_what_a_page_says_of_itself_is_kept() -> None:
    head = '<head><meta name="robots" content="NoAI, noindex"><link rel="license" href="https://example.org/by/4.0/"></head>'
    page = f"<html>{head}<body><main><p>{'A sentence of the page. ' * 20}</p></main></body></html>".encode()
    row = cleaned(html=page)
    assert (row["robots"], row["licence"]) == ("noai,noindex", "https://example.org/by/4.0/")
