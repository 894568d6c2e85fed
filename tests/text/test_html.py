from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.html import MAX_DEPTH, Extraction, extract_main_text

STORY = "The main text of this page is a story about a river, a boat and the people who lived there. " * 3


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><title>Title</title>{head}</head><body>{body}</body></html>"


def extract(content: bytes, charset: str | None = None) -> Extraction:
    (extraction,) = extract_main_text([content], [charset])
    return extraction


def test_the_main_text_is_kept_and_what_stands_around_it_is_not() -> None:
    body = f"<nav><a href=/>Home</a></nav><main><h1>A story</h1><p>{STORY}</p></main><footer>Imprint</footer>"
    text = extract(page(body).encode()).text
    assert text is not None
    assert STORY.strip() in text
    assert not {"Home", "Imprint", "Title"} & set(text.split())


def test_paragraphs_lists_and_images_keep_their_form_without_alternative_texts() -> None:
    items = "".join(f"<li>Item number {number} of a list inside the story.</li>" for number in range(3))
    story = f"<p>{STORY}</p><ul>{items}</ul><img src=x alt=ALTERNATIVE><p>{STORY}</p>"
    body = f"<main><div><div>{story}</div></div></main>"  # resiliparse takes a list near the root for a menu
    text = extract(page(body).encode()).text
    assert text is not None
    assert text.count(STORY.strip()) == 2
    assert "• Item number 1 of a list inside the story." in text.replace("  ", "")
    assert "ALTERNATIVE" not in text
    assert "\n\n" in text


@pytest.mark.parametrize(
    ("charset", "head", "encoding"),
    [
        ("iso-8859-1", "", "latin-1"),
        ("windows-1251", "", "cp1251"),
        (None, "<meta charset=windows-1251>", "cp1251"),
        (None, "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r"),
        ("no-such-charset", "<meta charset=utf-8>", "utf-8"),
        (None, "", "utf-8"),
        ("utf-8", "<meta charset=windows-1251>", "utf-8"),
    ],
)
def test_the_charset_is_that_of_the_header_or_of_the_page(charset: str | None, head: str, encoding: str) -> None:
    words = "Grüße aus München" if encoding == "latin-1" else "Привет из Москвы"
    text = extract(page(f"<main><p>{words}. {words}. {STORY}</p></main>", head).encode(encoding), charset).text
    assert text is not None
    assert text.startswith(words)


def test_bytes_that_do_not_decode_become_replacement_characters() -> None:
    text = extract(page(f"<main><p>Grüße. {STORY} caf").encode() + b"\xff", "utf-8").text
    assert text is not None
    assert text.startswith("Grüße.")
    assert text.endswith("caf\ufffd")


@pytest.mark.parametrize("content", [b"", b"<html>", b"<p> \n </p>", b"<script>let x = 1</script>"])
def test_a_page_without_text_gives_none_and_no_error(content: bytes) -> None:
    assert extract(content) == Extraction(None, None)


@pytest.mark.parametrize("end", ["", "</div>" * (MAX_DEPTH + 1)])
def test_a_page_nested_too_deeply_gives_its_error_at_once(end: str) -> None:
    text, error = extract(("<div>" * (MAX_DEPTH + 1) + STORY + end).encode())
    assert text is None
    assert error is not None
    assert "nested" in error


def test_many_blocks_side_by_side_are_not_nested() -> None:
    text, error = extract(page(f"<main>{f'<div><p>{STORY}</p></div>' * (MAX_DEPTH + 1)}</main>").encode())
    assert error is None
    assert text is not None
    assert text.count("people who lived there") == 3 * (MAX_DEPTH + 1)


def test_pages_keep_their_order_and_errors_stay_with_their_page() -> None:
    good = page(f"<main><p>{STORY}</p></main>").encode()
    found = extract_main_text([good, b"<div>" * 5_000, b"", good], [None, "utf-8", None, "ascii"])
    assert [extraction.text is None for extraction in found] == [False, True, True, False]
    assert [extraction.error is None for extraction in found] == [True, False, True, True]


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([b"<div>", b"<table><td>", b"</p>", b"<!--", b"<a href='", b"&#0;", b"\xff", b"x y", b">"])
    )
)
def test_no_page_raises_and_every_text_is_unicode(parts: list[bytes]) -> None:
    for charset in (None, "utf-16", "gb18030", "utf-7", "hex"):
        text, error = extract(b"".join(parts), charset)
        assert error is None
        assert text is None or text.encode().strip()
