"""The pool of the curation benchmark: what it plants is there, the same seed gives it again, and held-out texts are not in it."""

from __future__ import annotations

import io
import random
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest
from curation.boilerplate import SETS as HTML
from curation.boilerplate import around_main_text
from curation.composition import FOREIGN, GOOD, PARTS
from curation.copies import MOST_COPIES
from curation.heldout import SETS, write_heldout
from curation.junk import SHARES
from curation.pool import PoolReport, write_pool
from curation.sources import LEAST, MOST, Row, cut, rows
from curation.templates import FRAMES, page_of
from curation.variants import VARIANTS, yaml_of
from hypothesis import given
from hypothesis import strategies as st

from curator.config import Config

WORDS = ["".join(letters) for letters in product("abcdefghijklmno", repeat=3)]
TEXT_BYTES = 3_000_000
DOCUMENTS = 60
CHARACTERS = 6_000
JUNK = (
    "spamassassin",
    "sms_spam",
    "spam_keyword_lists",
    "system_logs",
    "bln600_ocr",
    "ocr_books",
    "raw_tables",
    "minified_js",
)
ABSENT = ("state_of_the_union", "rust_book")
Made = tuple[Path, PoolReport]


def prose(choice: random.Random, characters: int = CHARACTERS) -> str:
    """Paragraphs of sentences of random words and numbers: no two texts share five words in a row."""
    sentences = (" ".join([*choices(choice, 11), f"{choice.randrange(1_000)}."]) for _ in range(characters // 48))
    return re.sub(r"((?:[^.]+\. ){5})", r"\1\n\n", " ".join(sentences))


def choices(choice: random.Random, words: int) -> list[str]:
    return choice.choices(WORDS, k=words)


def row(source: str, number: int, choice: random.Random) -> Row:
    """A row that answers what any of the sources is asked: each second or third is of another language, label or thread."""
    even, thread = number % 2 == 0, number // 2
    return {
        "id": f"{source}/author {thread}/{number}",
        "url": f"https://{thread}.example/{number}",
        "title": f"{'' if even else 'Re: '}thread {thread}",
        "text": prose(choice),
        "lang": "en" if even else "pl",
        "quality": "high" if even else "low",
        "domain": "medicine/MPlus" if source == "medquad" else ("web/article", "web/listing")[number % 3 == 0],
        "topic": {"clickbait_headlines": "clickbait", "spamassassin": "easy_ham" if even else "spam_2"}.get(
            source, "any"
        ),
        "meta": {"label": "spam", "variant": "ocr"},
    }


def write(path: Path, found: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in found))


def write_text(folder: Path, choice: random.Random) -> None:
    for name in dict.fromkeys([*(source.name for source in GOOD + FOREIGN), *JUNK, *ABSENT, "clickbait_headlines"]):
        found = [row(name, number, choice) for number in range(DOCUMENTS)]
        if name == "newsgroups20":  # replies quote what they answer
            for first, reply in zip(found[::2], found[1::2], strict=True):
                reply["text"] = f"{first['text']}\n\n{reply['text']}"
        if name == "clickbait_headlines":
            found = [{**one, "text": " ".join(choices(choice, 8))} for one in found]
        write(folder / "text" / f"{name}.jsonl.zst", found)


def write_benchmarks(folder: Path, choice: random.Random) -> None:
    def sentence() -> str:
        return " ".join(choices(choice, 60))

    passages = [{"id": f"boolq/{n}", "query": f"Passage: {sentence()}\nQuestion: {sentence()}"} for n in range(50)]
    school = [{"id": f"arc_easy/{n}", "query": sentence(), "choices": ["one", "two"], "gold": 1} for n in range(50)]
    quiz = [{"id": f"jeopardy_all/{n}", "context": sentence(), "continuation": "three"} for n in range(50)]
    for name, found in (("boolq", passages), ("arc_easy", school), ("jeopardy_all", quiz)):
        write(folder / "bench" / f"{name}.jsonl.zst", found)


def write_extractions(folder: Path, choice: random.Random) -> None:
    found = []
    for group in range(60):
        text, name = prose(choice, 2_000), f"sameext/google-trends-2017/{group}"
        found += [
            {"group": name, "text": f"{number} {text}", "jaccard5_majority": 0.9 if number else 0.1}
            for number in range(5)
        ]
    write(folder / "neardup" / "same_page_extractors.jsonl.zst", found)


def html(choice: random.Random) -> bytes:
    menu = "".join(f"<li><a href='/{word}'>{word}</a></li>" for word in choices(choice, 300))
    paragraphs = "".join(f"<p>{part}</p>" for part in prose(choice, 3_000).split("\n\n"))
    page = f"<html><body><nav><ul>{menu}</ul></nav><article>{paragraphs}</article></body></html>"
    return page.encode()


def write_html(folder: Path, choice: random.Random) -> None:
    (folder / "html").mkdir()
    for name in HTML:
        with (
            pa.CompressedOutputStream(str(folder / "html" / f"{name}.tar.zst"), "zstd") as stream,
            tarfile.open(fileobj=stream, mode="w|") as tar,
        ):
            for number in range(80):
                page = html(choice)
                member = tarfile.TarInfo(f"{name}/{number}.html")
                member.size = len(page)
                tar.addfile(member, io.BytesIO(page))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small folder in the layout of the shared data, of texts made here."""
    folder, choice = tmp_path_factory.mktemp("shared"), random.Random(5)
    write_text(folder, choice)
    write_benchmarks(folder, choice)
    write_extractions(folder, choice)
    write_html(folder, choice)
    return folder


@pytest.fixture(scope="module")
def pool(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> PoolReport:
    return write_pool(shared, tmp_path_factory.mktemp("pool"), seed=1, text_bytes=TEXT_BYTES)


def records(made: PoolReport) -> Iterator[Row]:
    return (record for file in made.files for record in rows(file))


def content(made: PoolReport) -> list[bytes]:
    return [file.read_bytes() for file in [*made.files, made.folder / "truth.parquet"]]


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(
    shared: Path, pool: PoolReport, tmp_path: Path
) -> None:
    assert content(write_pool(shared, tmp_path / "again", seed=1, text_bytes=TEXT_BYTES)) == content(pool)
    assert content(write_pool(shared, tmp_path / "other", seed=2, text_bytes=TEXT_BYTES)) != content(pool)


def test_truth_has_one_row_for_each_record_and_records_tell_nothing_of_it(pool: PoolReport) -> None:
    found, truth = list(records(pool)), pool.truth().to_pylist()
    assert len(pool.files) == 8
    assert [record["id"] for record in found] == [one["id"] for one in truth]
    assert [len(record["text"].encode()) for record in found] == [one["bytes"] for one in truth]
    assert {tuple(record) for record in found} == {("id", "text", "url", "source")}
    assert {record["source"] for record in found} == {"web"}
    assert pool.documents == len(found)
    assert pool.text_bytes == sum(one["bytes"] for one in truth)


def test_the_parts_have_the_shares_that_they_should_have(pool: PoolReport) -> None:
    size = {part: text_bytes / pool.text_bytes for part, (_, text_bytes) in pool.parts.items()}
    edited = sum(size[edit] for edit in ("notices", "numbers", "sentences"))
    found = {
        "good": size["good"],
        "other language": size["other language"],
        "junk": sum(size.get(kind, 0) for kind in SHARES),
        "exact": size["exact"],
        "edited": edited,
        "extracted": size["extractor"],
    }
    assert found == pytest.approx(PARTS, abs=0.03)
    assert set(SHARES) <= set(size)


def test_a_kind_of_junk_has_its_share_and_everything_of_it_is_called_junk(pool: PoolReport) -> None:
    truth = pool.truth().to_pylist()
    assert all(one["is_junk"] == (one["kind"] in SHARES) for one in truth)
    junk = sum(pool.parts[kind][1] for kind in SHARES)
    assert {kind: pool.parts[kind][1] / junk for kind in SHARES} == pytest.approx(SHARES, abs=0.03)


def test_exact_copies_are_equal_to_their_original_and_edited_ones_are_not(pool: PoolReport) -> None:
    text = {record["id"]: record["text"] for record in records(pool)}
    truth = {one["id"]: one for one in pool.truth().to_pylist()}
    copied = [one for one in truth.values() if one["copy_of"]]
    assert {one["edit"] for one in copied} == {"exact", "notices", "numbers", "sentences", "extractor"}
    for one in copied:
        original = truth[one["copy_of"]]
        assert original["copy_of"] is None
        assert original["kind"] == one["kind"]
        assert (text[one["id"]] == text[one["copy_of"]]) == (one["edit"] == "exact")
        old = set(text[one["copy_of"]].split())
        assert len(old & set(text[one["id"]].split())) > 0.6 * len(old)


def test_most_originals_are_copied_once_and_a_few_often(pool: PoolReport) -> None:
    copied = Counter(one["copy_of"] for one in pool.truth().to_pylist() if one["edit"] == "exact")
    number = Counter(copied.values())
    assert number.most_common(1)[0][0] == 1
    assert 5 < max(number) <= MOST_COPIES


def runs_of_13_words(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[start : start + 13]) for start in range(len(words) - 12)}


def test_no_held_out_text_has_13_words_in_common_with_the_pool(shared: Path, pool: PoolReport, tmp_path: Path) -> None:
    written = write_heldout(shared, tmp_path, text_bytes=20_000)
    assert [one.heldout for one in written] == list(SETS)
    seen = set[str]().union(*(runs_of_13_words(record["text"]) for record in records(pool)))
    for one in written:
        texts = [orjson.loads(line)["text"] for line in one.path.read_bytes().splitlines()]
        assert one.documents == len(texts)
        assert one.text_bytes == sum(len(text.encode()) for text in texts) > 2_000
        if one.heldout.gates:  # the web set has templates as the pool has
            assert not seen & set[str]().union(*map(runs_of_13_words, texts)), one.heldout.name


@given(lengths=st.lists(st.integers(0, 12_000), max_size=12), seed=st.integers(0, 9))
def test_a_page_has_500_to_8000_characters_all_of_them_the_documents(lengths: list[int], seed: int) -> None:
    text = "\n\n".join(chr(97 + place) * length for place, length in enumerate(lengths))
    parts = list(cut(text, np.random.default_rng(seed)))
    assert all(LEAST <= len(part) <= MOST for part in parts)
    left = Counter(text)
    assert all(count <= left[letter] for letter, count in Counter("".join(parts)).items() if letter != "\n")
    lost = sum(lengths) - sum(len(part.replace("\n", "")) for part in parts)
    assert lost < LEAST


@pytest.mark.parametrize("kind", list(FRAMES))
def test_a_template_page_has_no_empty_slot_and_keeps_its_subject(kind: str) -> None:
    text = page_of(kind, np.random.default_rng(3))
    assert "{" not in text
    assert len(text.splitlines()) >= 8


def test_what_stands_around_the_main_text_of_a_page_is_its_menu() -> None:
    page = html(random.Random(1))
    around = around_main_text(page)
    entries = re.findall(r"<a [^>]*>(\w+)</a>", page.decode())
    assert re.findall(r"\w+", around) == entries


def test_every_variant_is_a_configuration_of_curator(tmp_path: Path) -> None:
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)
    for variant in VARIANTS:
        if variant.settings is not None:
            config = Config.model_validate_json(orjson.dumps(yaml_of(variant, tmp_path, tmp_path / "out")))
            assert config.input.sources[0].path == f"{tmp_path}/pool/*.jsonl.zst"
