# ruff: noqa: RUF001
from __future__ import annotations

import re
import string
from collections.abc import Sequence
from itertools import pairwise

import fasttext
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.text.language import identify, model_file, paragraph_share

SENTENCES = {
    "en": "The people of the town came together to read the old books in the library.",
    "de": "Die Menschen der Stadt kamen zusammen, um die alten Bücher in der Bibliothek zu lesen.",
    "fr": "Les habitants de la ville se sont réunis pour lire les vieux livres de la bibliothèque.",
    "es": "Los vecinos del pueblo se reunieron para leer los libros antiguos de la biblioteca.",
    "it": "Gli abitanti della città si sono riuniti per leggere i vecchi libri della biblioteca.",
    "pt": "Os moradores da cidade não vieram ontem, mas hoje vão ler os livros antigos da biblioteca.",
    "nl": "De mensen uit de stad kwamen samen om de oude boeken in de bibliotheek te lezen.",
    "sv": "Människorna i staden samlades för att läsa de gamla böckerna på biblioteket.",
    "pl": "Mieszkańcy miasta zebrali się, żeby czytać stare książki w bibliotece.",
    "cs": "Obyvatelé města se sešli, aby si v knihovně přečetli staré knihy.",
    "hu": "A város lakói összegyűltek, hogy régi könyveket olvassanak a könyvtárban.",
    "fi": "Kaupungin asukkaat kokoontuivat lukemaan vanhoja kirjoja kirjastossa.",
    "tr": "Kasabanın insanları kütüphanedeki eski kitapları okumak için bir araya geldi.",
    "vi": "Người dân thị trấn cùng nhau đến thư viện để đọc những cuốn sách cũ.",
    "ru": "Жители города собрались вместе, чтобы читать старые книги в библиотеке.",
    "uk": "Мешканці міста зібралися разом, щоб читати старі книжки в бібліотеці.",
    "el": "Οι κάτοικοι της πόλης μαζεύτηκαν για να διαβάσουν τα παλιά βιβλία στη βιβλιοθήκη.",
    "he": "תושבי העיר התאספו כדי לקרוא את הספרים הישנים בספרייה.",
    "ar": "اجتمع سكان المدينة لقراءة الكتب القديمة في المكتبة.",
    "fa": "مردم شهر برای خواندن کتاب‌های قدیمی در کتابخانه گرد هم آمدند.",
    "hi": "शहर के लोग पुस्तकालय में पुरानी किताबें पढ़ने के लिए एकत्र हुए।",
    "th": "ชาวเมืองมารวมตัวกันเพื่ออ่านหนังสือเก่าในห้องสมุด",
    "ka": "ქალაქის მცხოვრებლები შეიკრიბნენ ბიბლიოთეკაში ძველი წიგნების წასაკითხად.",
    "zh": "镇上的人们聚集在图书馆里阅读旧书。",
    "ja": "町の人々は図書館で古い本を読むために集まりました。",
    "ko": "마을 사람들은 도서관에서 오래된 책을 읽기 위해 모였습니다.",
}
NOTHING = {"language": "und", "language_probability": 0.0, "second_language": None, "second_probability": 0.0}
READ = string.ascii_letters + ".,!?'-"
LIBRARY = fasttext.load_model(str(model_file())).f

any_text = st.text(st.characters(exclude_categories=["Cs"]))
scraps = st.sampled_from([word for sentence in SENTENCES.values() for word in sentence.split()])
gaps = st.sampled_from([" ", "  ", "\n", "\n\n", "\x00", "\u200b", "\u200f", "-", "/", "</s> ", "__label__en ", ""])
mixtures = st.lists(st.one_of(scraps, scraps.map(str.upper), gaps, any_text)).map("".join)


def languages(*texts: str | None, characters: int = 1_000) -> list[str]:
    return list(identify(pa.array(texts, pa.large_string()), characters=characters)["language"].to_pylist())


def as_it_is_read(text: str) -> str:
    """The documented treatment in plain Python: small letters for shouted text, no marks of code, one line."""
    capitals, small = (sum(map(case, text)) for case in (str.isupper, str.islower))
    if capitals > 0.8 * (capitals + small):
        text = "".join(character.lower()[0] for character in text)
    plain = "".join(character if character in READ or ord(character) >= 0x80 else " " for character in text)
    return re.sub(r"(^| )-+", lambda bullet: " " * len(bullet[0]), plain).replace("- ", "  ")


def by_library(text: str, characters: int = 1_000) -> list[tuple[str, float]]:
    """The library's three best labels with their probabilities; none for a text without letters."""
    if not any(map(str.isalpha, text[:characters])):
        return []
    found = LIBRARY.predict(f"{as_it_is_read(text[:characters])}\n", 3, 0.0, "strict")
    return [(label.removeprefix("__label__"), min(1.0, share)) for share, label in found]


def assert_equals_library(texts: Sequence[str], characters: int = 1_000) -> None:
    """Labels may differ where the next one is a rounding error away, or the limit of 0.00001 below which none is given."""
    table = identify(pa.array(texts, pa.large_string()), characters=characters)
    for row, text in zip(table.to_pylist(), texts, strict=True):
        expected = [*by_library(text, characters), *[("und", 0.0)] * 3]
        found = [(row["language"], row["language_probability"]), (row["second_language"], row["second_probability"])]
        for (label, share), here, below in zip(found, expected, expected[1:], strict=False):
            assert share == pytest.approx(here[1], abs=1e-4)
            assert label == here[0] or here[1] - below[1] < 1e-4


@pytest.mark.parametrize("language", SENTENCES)
def test_a_plain_sentence_is_recognised_with_confidence(language: str) -> None:
    table = identify(pa.array([SENTENCES[language]]))
    assert table["language"].to_pylist() == [language]
    assert table["language_probability"][0].as_py() > 0.7


def test_sentences_have_the_labels_and_probabilities_of_the_library() -> None:
    assert_equals_library(list(SENTENCES.values()))
    assert_equals_library([" ".join(pair) for pair in pairwise(SENTENCES.values())])


@settings(deadline=None, max_examples=200)
@given(st.lists(mixtures, max_size=5))
@example(["</s> Das ist ein Satz", "__label__fr Das ist ein Satz", "İSTANBUL ȺȾ", "ǅǅ", "ß", "\U0001e900\U00020000"])
@example(["the", "The", "</s>", "a", "é", "本", "\U00020000"])
def test_any_text_has_the_labels_and_probabilities_of_the_library(texts: list[str]) -> None:
    assert_equals_library(texts)


@settings(deadline=None)
@given(mixtures, st.integers(1, 40))
def test_a_window_is_cut_between_code_points_and_gives_what_the_library_gives(text: str, characters: int) -> None:
    assert_equals_library([text], characters)


@pytest.mark.parametrize("language", ["fr", "ru", "th", "ja", "ar"])
def test_every_beginning_of_a_sentence_is_what_the_library_finds(language: str) -> None:
    sentence = SENTENCES[language] + " 😀\U00020000é"
    assert_equals_library([sentence[:end] for end in range(len(sentence) + 1)])
    for characters in range(1, len(sentence) + 1):
        assert identify(pa.array([sentence]), characters=characters).equals(identify(pa.array([sentence[:characters]])))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "本" * 100_000,
        "ab " * 60_000,
        SENTENCES["de"] * 2_000,
        "\u200b" * 1_000 + "a",
        "\u202e" + "אבג " * 50_000,
    ],
)
def test_a_huge_text_read_as_a_whole_is_what_the_library_finds(text: str) -> None:
    assert_equals_library([text], characters=10_000_000)


def test_of_a_huge_text_only_the_window_is_read() -> None:
    assert languages("a" * 100_000_000) == languages("a" * 1_000)
    assert languages("\n" * 1_000_000 + SENTENCES["en"]) == ["und"]
    assert languages("\n" * 1_000_000 + SENTENCES["en"], characters=2_000_000) == ["en"]


@pytest.mark.parametrize("text", ["", " \n\t", "123 456,78 %", "... --- ...", "😀🎉", "\x00", "\u200b\u200f", None])
def test_a_text_without_letters_is_undetermined(text: str | None) -> None:
    assert identify(pa.array([text], pa.large_string())).to_pylist() == [NOTHING]


def test_the_columns_are_string_and_float32_in_the_order_of_the_texts() -> None:
    texts = [SENTENCES["de"], "5", SENTENCES["en"], None, SENTENCES["ru"]]
    table = identify(pa.array(texts))
    names = [("language", pa.string()), ("language_probability", pa.float32())]
    assert table.schema == pa.schema([*names, ("second_language", pa.string()), ("second_probability", pa.float32())])
    assert table["language"].to_pylist() == ["de", "und", "en", "und", "ru"]
    assert identify(pa.array([], pa.string())).num_rows == 0


def test_the_runner_up_is_the_next_likely_language_or_null() -> None:
    mixed, clear = identify(pa.array([f"{SENTENCES['en']} {SENTENCES['de']}", "Das ist ein altes Buch."])).to_pylist()
    assert {mixed["language"], mixed["second_language"]} == {"en", "de"}
    assert mixed["language_probability"] > mixed["second_probability"] > 0.1
    assert (clear["language_probability"], clear["second_language"], clear["second_probability"]) == (1.0, None, 0.0)


def test_a_slice_of_a_column_is_judged_as_it_stands() -> None:
    texts = pa.array([*SENTENCES.values(), None], pa.string())
    assert identify(texts.slice(3, 9)).equals(identify(texts).slice(3, 9).combine_chunks())
    assert identify(texts.slice(20)).equals(identify(texts.cast(pa.large_string())).slice(20).combine_chunks())


def test_line_ends_and_nul_are_spaces() -> None:
    for separator in ("\n", "\x00", "\n\n"):
        text = SENTENCES["en"].replace(" ", separator)
        assert identify(pa.array([text])).equals(
            identify(pa.array([SENTENCES["en"].replace(" ", " " * len(separator))]))
        )


def test_marks_of_code_and_digits_are_spaces_and_cannot_end_or_label_a_line() -> None:
    code = "</s> __label__fr {[(<the>|people)]} = *of*/the\\town + 12_came;together"
    assert identify(pa.array([code])).equals(identify(pa.array(["s label fr the people of the town came together"])))


def test_a_hyphen_is_read_inside_of_a_word_alone() -> None:
    listed = "- use --force to re-read the well- known files -\n-- or a-b"
    assert identify(pa.array([listed])).equals(identify(pa.array(["use force to re-read the well known files or a-b"])))
    assert not identify(pa.array(["re-read"])).equals(identify(pa.array(["re read"])))


def test_shouted_text_is_read_in_lower_case() -> None:
    for language in ("en", "de", "ru", "el"):
        assert identify(pa.array([SENTENCES[language].upper()])).equals(
            identify(pa.array([SENTENCES[language].upper().lower().replace("ς", "σ")]))
        )
    nearly = SENTENCES["en"].upper().replace("THE", "the", 1)
    assert languages(nearly) == ["en"]


def test_only_the_first_characters_count_and_a_character_is_a_code_point() -> None:
    text = SENTENCES["ja"] + SENTENCES["en"] * 20
    assert languages(text, characters=len(SENTENCES["ja"])) == ["ja"]
    assert languages(text, characters=1_000) == ["en"]


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), any_text)))
def test_any_text_has_a_probability_and_a_result_of_its_own(texts: list[str | None]) -> None:
    together = identify(pa.array(texts, pa.large_string()))
    alone = [identify(pa.array([text], pa.large_string())).to_pylist()[0] for text in texts]
    assert together.to_pylist() == alone
    assert all(0 <= row["second_probability"] <= row["language_probability"] <= 1 for row in alone)


def share_of(text: str | None, language: str | None) -> float:
    (share,) = paragraph_share(pa.array([text], pa.large_string()), pa.array([language], pa.string()))
    return float(share)


def by_paragraphs(text: str, language: str) -> float:
    """The share in plain Python, each paragraph identified by itself."""
    total = same = 0
    for part in re.split(r"\n[\x00- ]*\n", text):
        size = sum(character > " " for character in part)
        letters = sum(map(str.isalpha, part[:1_000]))
        total += size
        same += size * (letters < 20 or languages(part)[0] == language)
    return same / total if total else 0.0


def test_the_share_counts_the_characters_of_paragraphs_in_the_language_of_the_text() -> None:
    english, german = SENTENCES["en"], SENTENCES["de"]
    sizes = [len(text.replace(" ", "")) for text in (english, german)]
    text = f"{english}\n\n{german}\n \t\n{english}"
    assert share_of(text, "en") == pytest.approx(2 * sizes[0] / (2 * sizes[0] + sizes[1]))
    assert share_of(text, "de") == pytest.approx(sizes[1] / (2 * sizes[0] + sizes[1]))
    assert share_of(text, "ja") == 0


def test_short_paragraphs_count_as_the_language_of_the_text() -> None:
    assert share_of(f"Überschrift\n\n{SENTENCES['en']}\n\n1 2 3", "en") == 1
    assert share_of("Kapitel", "ja") == 1


def test_a_shouted_paragraph_is_read_in_lower_case() -> None:
    assert share_of(f"{SENTENCES['en']}\n\n{SENTENCES['en'].upper()}", "en") == 1


def test_a_long_paragraph_is_judged_by_its_first_characters() -> None:
    text = " ".join([SENTENCES["en"]] * 14) + SENTENCES["ru"] * 1_000
    assert share_of(text, "en") == 1


def test_a_text_without_a_known_language_or_paragraphs_has_no_share() -> None:
    for language in ("und", "xx", None):
        assert share_of(SENTENCES["en"], language) == 0
    for text in ("", "\n" * 1_000_000, None):
        assert share_of(text, "en") == 0


def test_the_shares_are_float32_in_the_order_of_the_texts() -> None:
    texts = pa.array([SENTENCES["de"], None, SENTENCES["ja"], "12"])
    shares = paragraph_share(texts, identify(texts)["language"].combine_chunks())
    assert shares.dtype == np.float32
    assert shares.tolist() == [1, 0, 1, 0]
    assert len(paragraph_share(texts.slice(0, 0), pa.array([], pa.string()))) == 0


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(list(SENTENCES.values())), any_text, gaps), max_size=6),
    st.sampled_from(["\n\n", "\n", " \n \n", "\n\x0b\n\n\n"]),
    st.sampled_from(["en", "ru", "ja"]),
)
def test_the_share_equals_that_of_paragraphs_judged_one_by_one(parts: list[str], blank: str, language: str) -> None:
    text = blank.join(parts)
    assert share_of(text, language) == pytest.approx(by_paragraphs(text, language), abs=1e-6)
