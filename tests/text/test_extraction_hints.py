from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.extraction.hints import MENTIONS, licence_and_robots

CC = "https://creativecommons.org/licenses/by/4.0/"


def robots(head: str) -> str | None:
    return licence_and_robots(f"<html><head>{head}</head><body></body></html>")[1]


def licence(html: str) -> str | None:
    return licence_and_robots(html)[0]


def linked_data(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def test_a_page_without_hints_has_none() -> None:
    assert licence_and_robots("<p>A license of my own; see robots.txt of creativecommons.org/</p>") == (None, None)


@pytest.mark.parametrize(
    "head",
    [
        "<meta name=robots content='noai, noindex'>",
        '<META CONTENT="NoIndex,noai" NAME="ROBOTS">',
        "<meta name='robots' content='noindex'><meta name=googlebot content=' no ai ,, noindex'/>",
        "<!-- <meta name=robots content=all> --><meta name=ccbot content='noai,noindex'>",
    ],
)
def test_directives_are_in_lower_case_sorted_and_named_once(head: str) -> None:
    assert robots(head) == "noai,noindex"


def test_only_robots_and_crawlers_are_asked_and_only_in_the_head() -> None:
    assert robots("<meta name=bottom content=x><meta name=robots><meta content=y><title>robots</title>") is None
    assert licence_and_robots("<head></head><body><meta name=robots content=noai>")[1] is None


def test_directives_with_values_stay_whole() -> None:
    directives = "index, max-image-preview:large, max-snippet: -1"
    assert robots(f"<meta name=robots content='{directives}'>") == "index,max-image-preview:large,max-snippet:-1"


@pytest.mark.parametrize(
    "html",
    [
        f"<a href='{CC}' class=x rel='external license'>here</a>",
        f"<LINK REL=license HREF={CC}>",
        f"<p><a href='{CC}'>CC</a>",
        f"<head><meta name='DC.rights' content='{CC}'></head>",
        linked_data({"@type": "Article", "license": CC}),
        linked_data({"@graph": [{"@type": "ImageObject", "license": "https://b/"}, {"license": {"@id": CC}}]}),
        linked_data([{"@type": "WebPage", "license": {"url": f" {CC} "}}]),
    ],
)
def test_the_licence_is_found_in_each_of_its_forms(html: str) -> None:
    assert licence(html) == CC


def test_the_forms_have_an_order_and_the_first_of_a_form_wins() -> None:
    forms = [
        linked_data({"license": "https://json/"}),
        "<meta name=dcterms.license content=https://core/>",
        f"<a href={CC}>",
        "<a rel=license href=https://rel/?a&amp;b><a rel=license href=https://second/>",
    ]
    expected = ["https://json/", "https://core/", CC, "https://rel/?a&b"]
    assert [licence("".join(forms[: count + 1])) for count in range(4)] == expected


@pytest.mark.parametrize(
    "html",
    [
        "<meta name=dc.rights content='All rights reserved'>",
        "<a href=https://creativecommons.org/about/>",
        "<a rel=license>",
        "<b rel=license href=https://a/>",
        "<a class=license-link href=https://a/>",
        linked_data({"@type": "ImageObject", "license": CC}),
        '<script type="application/ld+json">{"license": broken</script>',
        '<script type="application/ld+json">{"license": "https://a/"}',
    ],
)
def test_what_names_no_licence_of_the_page_is_none(html: str) -> None:
    assert licence(html) is None


@pytest.mark.parametrize(
    "part",
    ["license", "<a license", "<!--", "<meta", "<meta bot ", "creativecommons.org/", "application/ld+json",
     '"license"<script type="application/ld+json">', "<a rel=license href=", f"<a license {'a' * 1_900}>",
     f"<meta bot {'a' * 1_900}>"],
)  # fmt: skip
def test_twenty_megabytes_of_one_mention_take_no_time_to_speak_of(part: str) -> None:
    assert licence_and_robots(part * (20_000_000 // len(part))) == (None, None)


def test_a_licence_after_a_thousand_mentions_is_not_looked_for() -> None:
    link = f"<a rel=license href={CC}>"
    assert licence("license " * (MENTIONS - 1) + link) == CC
    assert licence("license " * MENTIONS + "<a rel=license href=https://rel/>") is None


@settings(deadline=None)
@given(st.lists(st.sampled_from(["<meta ", "name=", "robots ", "content=", "'", '"', ">", "<a ", "rel=license ", "href=",
                                 CC, "<!--", "-->", "</head", '<script type="application/ld+json">', "</script",
                                 '{"license":', "[", "}", "]", "&amp;", "\x00", "\ud800"])))  # fmt: skip
def test_no_page_raises(parts: list[str]) -> None:
    licence_and_robots("".join(parts))
