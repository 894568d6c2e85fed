# ruff: noqa: RUF001
from __future__ import annotations

import ftfy
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from ftfy.badness import is_bad
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.mojibake import SUSPICIOUS, repair_mojibake

SENTENCES = [
    "Les élèves ont mangé à la cantine après l’été, où ils étaient très contents.",
    "Größe, Straße und Übermut: „Ärger“ kostet 5 €.",
    "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "Zażółć gęślą jaźń, powiedział Łukasz.",
    "Tiếng Việt có nhiều dấu: ngôn ngữ, đường, thủ đô.",
    "Съешь же ещё этих мягких французских булок.",
    "Η γρήγορη καφέ αλεπού πηδάει πάνω από το σκυλί.",
    "日本語の文章です。漢字とかな。",
    "한국어 문장입니다.",
    "هذه جملة باللغة العربية.",
    "यह हिन्दी का एक वाक्य है।",
    "“It’s fine” – she said… 20 °C, 10 × 12 µm, ½ £3 ©",
    "emoji 😀 and 👩‍👩‍👧",
]
MISREADINGS = [
    "latin-1",
    "sloppy-windows-1252",
    "sloppy-windows-1251",
    "sloppy-windows-1250",
    "sloppy-windows-1253",
    "macroman",
    "cp437",
]


def repaired(*texts: str | None) -> list[str | None]:
    return list(repair_mojibake(pa.array(texts, pa.large_string())).to_pylist())


@pytest.mark.parametrize("sentence", SENTENCES)
def test_proper_text_of_every_language_is_not_touched(sentence: str) -> None:
    assert repaired(sentence, sentence.upper(), sentence.lower()) == [sentence, sentence.upper(), sentence.lower()]


@pytest.mark.parametrize("encoding", MISREADINGS)
def test_utf8_read_in_another_encoding_is_repaired_as_ftfy_does(encoding: str) -> None:
    misread = [sentence.encode().decode(encoding, errors="replace") for sentence in SENTENCES]
    among = [f"Plain text.\n{line}\n{sentence}" for line, sentence in zip(misread, SENTENCES, strict=True)]
    assert repaired(*misread) == [ftfy.fix_encoding(line) for line in misread]
    assert repaired(*among) == ["\n".join(map(ftfy.fix_encoding, text.split("\n"))) for text in among]


def test_the_common_misreadings_give_the_sentences_back() -> None:
    for encoding in ("latin-1", "sloppy-windows-1252"):
        for sentence in SENTENCES:
            assert repaired(sentence.encode().decode(encoding)) == [sentence]
    assert repaired("sÃƒÂ³", "the â€œendâ€\x9d", "Itâ€™s 5Â°C", "dâ€™Ã©tÃ© Ã la mode") == [
        "só",
        "the “end”",
        "It’s 5°C",
        "d’été à la mode",
    ]


def test_c1_controls_become_what_windows_1252_has_in_their_place() -> None:
    assert repaired("don\x92t \x93quote\x94\x85", "\x80 5") == ["don’t “quote”…", "€ 5"]


@pytest.mark.parametrize(
    "text",
    [
        "i̱ Yáˆ do, íbˋ i̱ lɨ́ɨ",  # Chinantec: á, a tone mark and a space would be Ethiopic
        "a square grid of n Â n we draw",  # a multiplication sign of a PDF's own font
        "in at most 1/pÃ many base pairs",
        "±¾ÓÊ¼þÓÉËÑÒ×Ê×´´¡°ÎÞÐèSMTPÈº·¢Æ÷¡±·¢ËÍ£¬ÄÚÈÝÓë±¾¹«Ë¾ÎÞ¹Ø¡£",  # GB 2312 read as Latin-1
        "‘quotes’ ﬁ ｆｕｌｌ &eacute; &lt; \x1b[0m don't “keep” NOËL Â",
        "TAKPEKPEGÃ LE GBEƑÃ ƉEM",
        "Œuvre, cœur; [œ] and [Ø:] in IPA: ˈbʌtɚ, ɲ, ʃ",
    ],
)
def test_accidents_are_left_alone(text: str) -> None:
    assert repaired(text) == [text]


def test_null_stays_null_and_strings_of_either_width_and_slices_are_accepted() -> None:
    texts = pa.array(["Ã©", None, "é", "Ã©\nÃ©\n"])
    assert repair_mojibake(texts).to_pylist() == ["é", None, "é", "é\né\n"]
    assert repair_mojibake(texts).type == pa.large_string()
    assert repair_mojibake(texts.slice(2)).to_pylist() == ["é", "é\né\n"]
    assert repair_mojibake(pa.array([], pa.string())).to_pylist() == []


PIECES = st.one_of(
    st.sampled_from([*"ÂÃâðïÅÄÐÑ àéЉвЂГœØÙ√≈‚βā€×¤ˆ™´¶'\u00a0\u00ad\ufffd\x80\x92\x9d\n abcZ1.?!"]),
    st.sampled_from(SENTENCES),
    st.tuples(st.sampled_from(SENTENCES), st.sampled_from(MISREADINGS)).map(
        lambda pair: pair[0].encode().decode(pair[1], "replace")
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_the_filter_finds_every_text_that_ftfy_thinks_odd(texts: list[str]) -> None:
    found = pc.match_substring_regex(pa.array(texts, pa.large_string()), SUSPICIOUS).to_pylist()
    assert [text for text, seen in zip(texts, found, strict=True) if is_bad(text) and not seen] == []


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=5))
def test_repairing_twice_is_repairing_once(texts: list[str]) -> None:
    once = repair_mojibake(pa.array(texts, pa.large_string()))
    assert repair_mojibake(once).equals(once)


def test_a_long_line_is_repaired_in_linear_time() -> None:
    line = SENTENCES[0].encode().decode("latin-1") * 2_000
    texts = [line, "Ã©\n" * 5_000, "Ã" * 200_000, "a" * 5_000_000, "\n" * 500_000, "\x80" * 50_000]
    assert repaired(*texts) == [SENTENCES[0] * 2_000, "é\n" * 5_000, *texts[2:5], "€" * 50_000]
