from __future__ import annotations

import pyarrow as pa

from curator.config.cleaning import Language
from curator.readers.media import MEDIUM
from curator.steps.captions import media_hashes, of_prose, of_unknown_language


def test_media_have_one_hash_where_their_bytes_or_else_their_addresses_are_alike() -> None:
    media = [("a", "u"), ("a", "v"), (None, "u"), (None, "u"), ("b", "u"), None]
    rows = [None if one is None else {"bytes": one[0] and one[0].encode(), "path": one[1]} for one in media]
    found = media_hashes(pa.chunked_array([pa.array(rows, MEDIUM)])).tolist()
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert len(set(found)) == 4
    assert found[5] == 0


def test_only_captions_that_are_surely_in_another_language_can_be_told_by_it() -> None:
    columns = {"language": ["en", "en", "sv", "sv", "sv"], "language_probability": [0.3, 0.3, 0.3, 0.9, 0.9]}
    statistics = pa.table({**columns, "is_caption": [True, False, True, True, False]})
    found = of_unknown_language(statistics, Language(keep=("en",), min_probability=0.65))
    assert found.to_pylist() == [True, False, True, False, False]


def test_verdicts_on_captions_do_not_count() -> None:
    verdicts = pa.table({"reason": ["words", "words", None], "value": [1.0, 2.0, 3.0]})
    found = of_prose(verdicts, pa.chunked_array([[False, True, True]]))
    assert found["reason"].to_pylist() == ["words", None, None]
