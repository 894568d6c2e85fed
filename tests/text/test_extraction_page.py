from __future__ import annotations

import codecs
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import ConfigError
from curator.text.extraction.main_text import ExtractorName, check_installed, main_text_function
from curator.text.extraction.page import Extraction, extract_page

STORY = "The main text of this page is a story about a river, a boat and the people who lived there. " * 3
RESILIPARSE = main_text_function("resiliparse")


def trafilatura() -> Callable[[str], str]:
    pytest.importorskip("trafilatura")
    return main_text_function("trafilatura")


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><title>Title</title>{head}</head><body>{body}</body></html>"


def extract(content: bytes, charset: str | None = None, main_text: Callable[[str], str] = RESILIPARSE) -> Extraction:
    return extract_page(content, charset, main_text)


def text_of(content: str | bytes, charset: str | None = None) -> str:
    text = extract(content if isinstance(content, bytes) else content.encode(), charset).text
    assert text is not None
    return text


@pytest.mark.parametrize("extractor", ["resiliparse", "trafilatura"])
def test_the_main_text_is_kept_and_what_stands_around_it_is_not(extractor: ExtractorName) -> None:
    main_text = RESILIPARSE if extractor == "resiliparse" else trafilatura()
    paragraphs = "".join(f"<p>Part {number}. {STORY}</p>" for number in range(3))
    body = f"<nav><a href=/>Home</a></nav><main><h1>A story</h1>{paragraphs}</main><footer>Imprint</footer>"
    text = extract(page(body).encode(), main_text=main_text).text
    assert text is not None
    assert all(f"Part {number}. {STORY.strip()}" in text for number in range(3))
    assert not {"Home", "Imprint", "Title"} & set(text.split())


def test_an_extractor_that_is_not_installed_is_named_with_the_mend() -> None:
    with pytest.raises(ConfigError, match=r"pip install 'curator\[no_such_library\]'"):
        check_installed("no_such_library")  # type: ignore[arg-type]


def test_paragraphs_lists_and_images_keep_their_form_without_alternative_texts() -> None:
    items = "".join(f"<li>Item number {number} of a list inside the story.</li>" for number in range(3))
    story = f"<p>{STORY}</p><ul>{items}</ul><img src=x alt=ALTERNATIVE><p>{STORY}</p>"
    text = text_of(page(f"<main><div><div>{story}</div></div></main>"))
    assert text.count(STORY.strip()) == 2
    assert "• Item number 1 of a list inside the story." in text.replace("  ", "")
    assert "ALTERNATIVE" not in text
    assert "\n\n" in text


def test_comments_are_left_out_of_an_article_and_kept_where_they_are_the_page() -> None:
    comments = "".join(f"<div class=comment><p>Comment {number}. {STORY}</p></div>" for number in range(30))
    thread = f"<div id=comments>{comments}</div>"
    assert "Comment 7" not in text_of(page(f"<main><p>{STORY * 4}</p>{thread}</main>"))
    assert "Comment 7" in text_of(page(f"<main><p>A question.</p>{thread}</main>"))


def test_a_page_that_is_nothing_but_a_list_near_the_root_keeps_it() -> None:
    items = "".join(f"<li>Item {number}: {STORY}</li>" for number in range(20))
    assert "Item 13: The main text" in text_of(page(f"<ul>{items}</ul>"))


@pytest.mark.parametrize(
    ("charset", "head", "encoding"),
    [
        ("iso-8859-1", "", "latin-1"),
        ("windows-1251", "", "cp1251"),
        (None, "<meta charset=windows-1251>", "cp1251"),
        (None, "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r"),
        (None, "<meta content='text/html; charset=koi8-r' http-equiv=Content-Type>", "koi8-r"),
        (None, "<script>" + " " * 3_000 + "</script><meta charset=koi8-r>", "koi8-r"),
        (None, "<!-- <meta charset=koi8-r> --><meta charset=windows-1251>", "cp1251"),
        (None, "<meta charset=utf-16>", "utf-8"),
        ("no-such-charset", "<meta charset=utf-8>", "utf-8"),
        (None, "", "utf-8"),
        ("utf-8", "<meta charset=windows-1251>", "utf-8"),
    ],
)
def test_the_charset_is_that_of_the_header_or_of_the_page(charset: str | None, head: str, encoding: str) -> None:
    words = "Grüße aus München" if encoding == "latin-1" else "Привет из Москвы"
    content = page(f"<main><p>{words}. {words}. {STORY}</p></main>", head).encode(encoding)
    assert text_of(content, charset).startswith(words)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_wins_over_the_header_and_is_no_text(mark: bytes, encoding: str) -> None:
    content = mark + f"<main><p>Привет. {STORY}</p></main>".encode(encoding)
    assert text_of(content, "windows-1251").startswith("Привет")


def test_a_page_that_names_no_charset_and_is_valid_utf8_is_utf8_however_little_of_it_is_not_ascii() -> None:
    assert text_of(page(f"<main><p>{STORY * 50} Señor</p></main>")).endswith("Señor")


def test_bytes_that_do_not_decode_become_replacement_characters() -> None:
    text = text_of(page(f"<main><p>Grüße. {STORY} caf").encode() + b"\xff", "utf-8")
    assert text.startswith("Grüße.")
    assert text.endswith("caf\ufffd")


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"<p> \n </p>", b"<script>let x = 1</script>", b"\x00", b"\xff\xfe"]
)
def test_a_page_without_text_gives_none_and_no_error(content: bytes) -> None:
    found = extract(content)
    assert found.error is None
    assert found.text in (None, "\ufffd")  # a null is replaced in HTML


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([b"<div>", b"<table><td>", b"</p>", b"<!--", b"<a href='", b"&#0;", b"&#xD800;", b"\xd8\x00",
                         b"\xed\xa0\x80", b"\xff", b"x y", b">", b"<meta charset=utf-16>", b"<a rel=license href="])
    ),
    st.sampled_from([None, "utf-8", "utf-16", "utf-16-be", "gb18030", "shift_jis", "utf-7", "hex", "\ud800"]),
)  # fmt: skip
def test_no_page_raises_and_every_text_is_unicode(parts: list[bytes], charset: str | None) -> None:
    found = extract(b"".join(parts), charset)
    assert found.error is None
    assert all(field is None or field.encode().strip() for field in found)
