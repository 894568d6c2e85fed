from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.language import identify

SENTENCES = {
    "en": "The people of the town came together to read the old books in the library.",
    "de": "Die Menschen der Stadt kamen zusammen, um die alten Bücher in der Bibliothek zu lesen.",
    "fr": "Les habitants de la ville se sont réunis pour lire les vieux livres de la bibliothèque.",
    "ru": "Жители города собрались вместе, чтобы читать старые книги в библиотеке.",
    "ja": "町の人々は図書館で古い本を読むために集まりました。",
    "ar": "اجتمع سكان المدينة لقراءة الكتب القديمة في المكتبة.",
    "hi": "शहर के लोग पुस्तकालय में पुरानी किताबें पढ़ने के लिए एकत्र हुए।",
}


def languages(*texts: str | None, characters: int = 1_000) -> list[str]:
    return list(identify(pa.array(texts, pa.large_string()), characters=characters)["language"].to_pylist())


@pytest.mark.parametrize("language", SENTENCES)
def test_a_plain_sentence_is_recognised_with_confidence(language: str) -> None:
    table = identify(pa.array([SENTENCES[language]]))
    assert table["language"].to_pylist() == [language]
    assert table["language_probability"][0].as_py() > 0.7


@pytest.mark.parametrize("text", ["", " \n\t", "123 456,78 %", "... --- ...", "😀🎉", "\x00", None])
def test_a_text_without_letters_is_undetermined(text: str | None) -> None:
    table = identify(pa.array([text], pa.large_string()))
    assert table.to_pylist() == [{"language": "und", "language_probability": 0.0}]


def test_the_columns_are_string_and_float32_in_the_order_of_the_texts() -> None:
    texts = [SENTENCES["de"], "5", SENTENCES["en"], None, SENTENCES["ru"]]
    table = identify(pa.array(texts))
    assert table.schema == pa.schema([("language", pa.string()), ("language_probability", pa.float32())])
    assert table["language"].to_pylist() == ["de", "und", "en", "und", "ru"]
    assert identify(pa.array([], pa.string())).num_rows == 0


def test_line_ends_and_nul_are_spaces() -> None:
    for separator in ("\n", "\x00", "\n\n"):
        text = SENTENCES["en"].replace(" ", separator)
        assert identify(pa.array([text])).equals(
            identify(pa.array([SENTENCES["en"].replace(" ", " " * len(separator))]))
        )


def test_shouted_text_is_read_in_lower_case() -> None:
    for language in ("en", "de", "ru"):
        assert identify(pa.array([SENTENCES[language].upper()])).equals(
            identify(pa.array([SENTENCES[language].lower()]))
        )
    nearly = SENTENCES["en"].upper().replace("THE", "the", 1)
    assert languages(nearly) == ["en"]


def test_only_the_first_characters_count_and_a_character_is_a_code_point() -> None:
    text = SENTENCES["ja"] + SENTENCES["en"] * 20
    assert languages(text, characters=len(SENTENCES["ja"])) == ["ja"]
    assert languages(text, characters=1_000) == ["en"]


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"])))))
def test_any_text_has_a_probability_and_a_result_of_its_own(texts: list[str | None]) -> None:
    together = identify(pa.array(texts, pa.large_string()))
    alone = [identify(pa.array([text], pa.large_string())).to_pylist()[0] for text in texts]
    assert together.to_pylist() == alone
    assert all(0 <= row["language_probability"] <= 1 for row in alone)
