from __future__ import annotations

import re
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.unicode import INVISIBLE, LINE_ENDS, SPACES, STABLE, clean_text


def clean(*texts: str | None) -> list[str | None]:
    return list(clean_text(pa.array(texts, pa.large_string())).to_pylist())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e\u0301", "é"),
        ("\u1112\u1161\u11ab", "한"),
        ("\u212b", "Å"),
        ("a\r\nb\rc\n\rd", "a\nb\nc\n\nd"),
        ("a\x00b\x07\x1b[0m\x7f\x85c", "ab[0mc"),
        ("a\x0bb\x0cc\u2028d\u2029e\n\x0c\nf", "a\nb\nc\nd\ne\n\nf"),
        ("a\tb\nc", "a\tb\nc"),
        ("\ufeffa\u200bb\ufeff\ufffec\uffff", "abc"),
        ("a  \n b\t\u00a0\u3000\nc", "a\n b\nc"),
        ("a\n\n\nb\n \n\t\n\nc", "a\n\nb\n\nc"),
        ("\n \ta b \n\n", "a b"),
        (" \r\n\t\u2028", ""),
        ("", ""),
        ("a  b", "a  b"),
        ("ﬁ ² é\u200d", "ﬁ ² é\u200d"),
        ("Donau\u00addampf\u00adschiff", "Donaudampfschiff"),
        ("\u202b\u05d0\u200f \u200e(1)\u202c \u2066x\u2069", "\u05d0 (1) x"),
        ("f\u2061(x) a\u2060b \ufffc \ufff9c\ufffa", "f(x) ab  c"),
        ("\uf0b7 item \ue017\U000f4af7\U0010ffff\ufdd0\U0001fffe", "item"),
        ("read\U000e0001\U000e0072\U000e0075\U000e006e\U000e007f me", "read me"),
    ],
)
def test_each_rule(text: str, expected: str) -> None:
    assert clean(text) == [expected]


def test_removing_a_character_may_bring_letter_and_accent_together() -> None:
    assert clean("e\u200b\u0301", "e\x00\u0301") == ["é", "é"]


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cروم",  # Persian: the two parts of a word do not join
        "क्\u200dष र्\u200c",  # half forms of Devanagari
        "👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ⚠\ufe0e",
        "葛\U000e0100飾区",  # a variant of a Chinese character
        "ᠠ\u180b\u180e",  # Mongolian
    ],
)
def test_joiners_and_selectors_that_mean_something_stay(text: str) -> None:
    assert clean(text) == [unicodedata.normalize("NFC", text)]


def test_joiners_and_selectors_that_act_on_nothing_go() -> None:
    assert clean("\u200d\n\nb\u200d \u200cc", "a\ufe0f\ufe01\U000e0101b", "\u06cc\u200c\u200d\u200c\u06cc") == [
        "b c",
        "a\ufe0fb",
        "\u06cc\u200c\u06cc",
    ]


def test_null_stays_null_beside_texts_that_change_and_texts_that_do_not() -> None:
    assert clean("same", None, "e\u0301\r\n", "é") == ["same", None, "é", "é"]


def test_strings_of_either_width_and_slices_are_accepted() -> None:
    texts = pa.array(["x", "a\r\nb ", "e\u0301"])
    assert clean_text(texts).type == pa.large_string()
    assert clean_text(texts.slice(1)).to_pylist() == ["a\nb", "é"]
    assert clean_text(pa.array([], pa.string())).to_pylist() == []


TEXTS = st.lists(
    st.one_of(
        st.none(),
        st.text(st.characters(exclude_categories=["Cs"])),
        st.text(
            "ae\u0301\u0323\u0308\u1161\u11a8\uac00\u1100 \t\n\r\x00\x1c\x85\u00a0"
            "\u2028\u200b\u3000\ufeff\ufffe\u200d\u200c\ufe0f\u00ad\u212a\u037e\u1fef\u2000\U000e0041☺"
        ),
    )
)


@settings(deadline=None)
@given(TEXTS)
def test_cleaning_twice_is_cleaning_once(texts: list[str | None]) -> None:
    once = clean_text(pa.array(texts, pa.large_string()))
    assert clean_text(once).equals(once)


@settings(deadline=None)
@given(TEXTS)
def test_equal_to_plain_python(texts: list[str | None]) -> None:
    assert clean(*texts) == [text if text is None else reference(text) for text in texts]


def reference(text: str) -> str:
    kept: list[str] = []
    for character in text.replace("\r\n", "\n"):
        previous = kept[-1] if kept else "\n"
        plain = previous in SPACES + LINE_ENDS or previous in "\u200c\u200d"
        if is_invisible(character):
            continue
        if character in "\u200c\u200d" and (plain or unicodedata.normalize("NFC", previous) < "\x80"):
            continue
        if is_selector(character) and (plain or is_selector(previous)):
            continue
        kept.append("\n" if character in LINE_ENDS else character)
    lines = "".join(kept).split("\n")
    joined = re.sub("\n{3,}", "\n\n", "\n".join(line.rstrip(SPACES) for line in lines))
    return unicodedata.normalize("NFC", joined.strip(SPACES + "\n"))


def is_invisible(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in INVISIBLE) and character not in "\t\n\v\f\r"


def is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


@settings(deadline=None)
@given(TEXTS)
def test_the_result_is_what_the_rules_say(texts: list[str | None]) -> None:
    for text in clean(*texts):
        if text is None:
            continue
        assert unicodedata.is_normalized("NFC", text)
        assert not [character for character in text if is_invisible(character)]
        assert not set(text) & set(LINE_ENDS) - {"\n"}
        assert "\n\n\n" not in text
        assert all(line == line.rstrip(SPACES) for line in text.split("\n"))
        assert text == text.strip(SPACES + "\n")


@settings(deadline=None)
@given(TEXTS)
def test_no_letter_is_lost_and_texts_do_not_mix(texts: list[str | None]) -> None:
    for text, got in zip(texts, clean(*texts), strict=True):
        if text is None or got is None:
            assert text is got
        else:
            visible = "".join(
                "\n" if c in LINE_ENDS else c for c in text if not is_invisible(c) and c not in "\u200c\u200d"
            )
            letters = filter(str.isalnum, unicodedata.normalize("NFC", visible))
            assert "".join(letters) == "".join(filter(str.isalnum, got.replace("\u200c", "").replace("\u200d", "")))


def test_every_control_character_and_every_noncharacter_goes() -> None:
    for code in range(0x110000):
        category = unicodedata.category(chr(code))
        if category in ("Cc", "Co") or code & 0xFFFE == 0xFFFE or 0xE0000 <= code < 0xE0080:
            assert is_invisible(chr(code)) or chr(code) in "\t\n\v\f\r"
        elif category[0] in "LMNPSZ":
            assert not is_invisible(chr(code)) or code == 0xFFFC


def test_huge_and_odd_texts_take_linear_time() -> None:
    texts = [
        "a" * 20_000_000,
        "\n" * 1_000_000,
        " \n" * 1_000_000,
        "é" * 1_000_000,
        "\u200d" * 1_000_000,
        "a\u0301" * 100_000,
    ]
    assert clean(*texts) == [texts[0], "", "", texts[3], "", "á" * 100_000]


def test_texts_that_skip_normalisation_are_those_that_it_never_changes() -> None:
    """NFC may change a text only by a character that decomposes, has a combining class, or composes with the one before."""
    everything = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    seconds = {chr(code) for start, stop in ((0x1161, 0x1176), (0x11A8, 0x11C3)) for code in range(start, stop)}
    for letter in everything:
        canonical = unicodedata.decomposition(letter)
        if canonical and not canonical.startswith("<") and " " in canonical:
            seconds.add(chr(int(canonical.split()[1], 16)))
    stable = [letter for letter in everything if any(first <= ord(letter) <= last for first, last in STABLE)]
    assert len(stable) > 30_000
    for letter in stable:
        assert unicodedata.is_normalized("NFC", letter)
        assert unicodedata.combining(letter) == 0
        assert letter not in seconds


def test_spaces_and_line_ends_are_all_separators_of_unicode_and_the_white_space_of_ascii() -> None:
    separators = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code)).startswith("Z")}
    assert set(SPACES + LINE_ENDS) == separators | set("\t\n\v\f\r")
