from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.errors import InputError
from curator.text.url_form import normal_urls
from curator.text.url_lists import UrlLists, load_url_lists
from curator.text.urls import judge_urls


def lists(folder: Path, *, max_soft_words: int = 1, **kinds: Sequence[str]) -> UrlLists:
    """Lists of these entries, by way of files."""
    for kind, entries in kinds.items():
        (folder / kind).write_text("".join(f"{entry}\n" for entry in entries), encoding="utf-8")
    return load_url_lists(max_soft_words=max_soft_words, **{kind: [str(folder / kind)] for kind in kinds})


def judged(url: str | None, lists: UrlLists) -> tuple[Any, ...]:
    [row] = judge_urls(pa.array([url], pa.string()), lists).to_pylist()
    return tuple(row.values())


PASSES = (None, None, None)


SCHEMES = ("http://", "HTTPS://", "//", "")
HOSTS_BELOW = ("bad.org", "www.bad.org", "a.b.bad.org", "BAD.Org.", "me:pw@bad.org")
BOOKS = ("bücher.de", "BÜCHER.de", "xn--bcher-kva.de", "x.b%C3%BCcher.de", "bu\u0308cher.de")


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        *((f"{scheme}bad.org{rest}", "bad.org") for scheme in SCHEMES for rest in ("", "/", ":80/x?y", "?q")),
        *((f"http://{host}/x", "bad.org") for host in HOSTS_BELOW),
        ("http://sub.mixed.org/", "sub.mixed.org"),
        ("http://a.sub.mixed.org/", "sub.mixed.org"),
        *((f"http://{host}/", "bücher.de") for host in BOOKS),
        ("http://100.24.7.255:8080/", "100.24.7.255"),
        ("http://[2a00::1]:80/", "[2a00::1]"),
        ("http://any.xxx", "xxx"),
    ],
)
def test_a_domain_blocks_itself_and_what_is_below_it(tmp_path: Path, url: str, entry: str) -> None:
    chosen = lists(tmp_path, domains=["bad.org", "sub.mixed.org", "bücher.de", "100.24.7.255", "[2a00::1]", "xxx"])
    assert judged(url, chosen) == ("url.domain", 1.0, entry)


@pytest.mark.parametrize(
    "url",
    ["http://notbad.org", "http://mixed.org", "http://bad.org.uk", "http://bad.org@fine.org", "http://x.org/bad.org"],
)
def test_a_domain_blocks_nothing_else(tmp_path: Path, url: str) -> None:
    assert judged(url, lists(tmp_path, domains=["bad.org", "sub.mixed.org"])) == PASSES


@pytest.mark.parametrize(
    ("url", "blocked"),
    [
        *((f"http://{host}/a/b", True) for host in ("x.org", "www.x.org", "X.ORG:80", "me@x.org")),
        *((f"http://x.org/a/b{rest}", True) for rest in ("/", "/c", "?q", "#f")),
        *((f"http://x.org/{path}", False) for path in ("", "a", "a/bc", "a/b.html")),
        ("http://sub.x.org/a/b", False),
        ("http://y.org/q?id=5&page=2", True),
        ("http://y.org/q?id=55", False),
        ("http://z.org/A%20b", True),
    ],
)
def test_an_address_blocks_itself_and_what_goes_on_below_it(tmp_path: Path, url: str, blocked: bool) -> None:
    chosen = lists(tmp_path, urls=["https://www.x.org:443/a/b/", "y.org/q?id=5", "z.org/a%20b"])
    assert (judged(url, chosen)[0] == "url.address") is blocked


def test_words_are_whole_and_soft_ones_count_when_different(tmp_path: Path) -> None:
    chosen = lists(tmp_path, hard_words=["Foul", "плохо"], soft_words=["hot", "girl", "red"])
    assert judged("http://x.org/so-FOUL_x", chosen) == ("url.hard_word", 1.0, "foul")
    assert judged("http://x.org/%D0%9F%D0%BB%D0%BE%D1%85%D0%BE", chosen) == ("url.hard_word", 1.0, "плохо")
    assert judged("http://x.org/foulard/befoul", chosen) == PASSES
    assert judged("http://x.org/hot/hot.HOT", chosen) == PASSES
    assert judged("http://girl.x.org/red/hot?girl", chosen) == ("url.soft_words", 3.0, "girl")


def test_the_limit_of_soft_words_is_the_users(tmp_path: Path) -> None:
    assert judged("http://x.org/hot", lists(tmp_path, max_soft_words=0, soft_words=["hot"])) == (
        "url.soft_words",
        1.0,
        "hot",
    )
    assert judged("http://x.org/hot-red", lists(tmp_path, max_soft_words=2, soft_words=["hot", "red"])) == PASSES


def test_a_word_that_is_found_in_one_url_counts_again_in_the_next(tmp_path: Path) -> None:
    chosen = lists(tmp_path, soft_words=["hot", "red"])
    table = judge_urls(pa.array(["http://x.org/hot-red", "http://x.org/hot", "http://x.org/red-hot"]), chosen)
    assert table["detail"].to_pylist() == ["hot", None, "red"]


def test_domain_comes_before_address_before_hard_before_soft_words(tmp_path: Path) -> None:
    kinds = {
        "domains": ["a.org"],
        "urls": ["a.org/x", "b.org/x"],
        "hard_words": ["x", "y"],
        "soft_words": ["x", "y", "org"],
    }
    chosen = lists(tmp_path, **kinds)
    urls = ["http://a.org/x", "http://b.org/x/y", "http://c.org/y/x", "http://d.org/z"]
    assert [judged(url, chosen)[::2] for url in urls] == [
        ("url.domain", "a.org"),
        ("url.address", "b.org/x"),
        ("url.hard_word", "y"),
        (None, None),
    ]


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        " ",
        "bad",
        "http://",
        "http:///bad",
        "http://?bad",
        "ht tp://bad.org",
        "http://b d/bad",
        "http://" + "a." * 127 + "bad",
        "xn--",
        "http://xn--\u00ff/",
    ],
)
def test_what_has_no_host_passes(tmp_path: Path, url: str | None) -> None:
    assert judged(url, lists(tmp_path, domains=["bad"], hard_words=["bad"])) == PASSES


def test_columns_of_either_width_slices_and_empty_ones_are_accepted(tmp_path: Path) -> None:
    chosen = lists(tmp_path, domains=["bad.org"])
    urls = pa.array(["x", "http://bad.org", None, "http://fine.org"])
    assert judge_urls(urls.slice(1).cast(pa.large_string()), chosen)["reason"].to_pylist() == ["url.domain", None, None]
    empty = judge_urls(pa.array([], pa.string()), chosen)
    assert empty.schema == pa.schema([("reason", pa.string()), ("value", pa.float64()), ("detail", pa.string())])


def test_without_lists_everything_passes() -> None:
    assert judged("http://bad.org/foul", load_url_lists()) == PASSES


def test_entries_are_read_as_people_write_them(tmp_path: Path) -> None:
    lines = "\ufeff# a list\n\n *.Star.ORG \r\nhttp://www.scheme.org/\nport.org:80\nwww.com\n.dot.org.\nname.org  # why\n//two.org"
    (tmp_path / "domains.gz").write_bytes(gzip.compress(lines.encode()))
    entries = load_url_lists(domains=[str(tmp_path / "domains.gz")]).domains
    assert entries.strings().to_pylist() == [
        *("star.org", "scheme.org", "port.org", "www.com", "dot.org", "name.org", "two.org")
    ]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        *(
            ("domains", line)
            for line in ("a b.org", "0.0.0.0 bad.org", "bad.org/path", "a..org", "me@bad.org", "b,d.org")
        ),
        *(("urls", line) for line in ("x.org/a b", "/path/only", "?q")),
        *(("hard_words", line) for line in ("two words", "hyphen-ated", "dot.ted")),
        ("soft_words", "!"),
    ],
)
def test_what_cannot_be_an_entry_is_named_with_file_and_line(tmp_path: Path, kind: str, line: str) -> None:
    with pytest.raises(InputError, match=rf"{kind}, line 3: '{re.escape(line)}' "):
        lists(tmp_path, **{kind: ["# comment", "fine", line, "fine"]})


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read the block list .*nothing"):
        load_url_lists(domains=[str(tmp_path / "nothing")])
    (tmp_path / "latin").write_bytes(b"fine\nb\xfccher.de\n")
    with pytest.raises(InputError, match="latin, line 2: is not UTF-8"):
        load_url_lists(domains=[str(tmp_path / "latin")])


def test_the_digest_follows_content_kind_and_limit_but_not_the_path(tmp_path: Path) -> None:
    for name, content in (("one", "a\n"), ("same", "a\n"), ("other", "b\n")):
        (tmp_path / name).write_text(content)
    one, same, other = (str(tmp_path / name) for name in ("one", "same", "other"))
    digest = load_url_lists(hard_words=[one]).digest
    assert load_url_lists(hard_words=[same]).digest == digest
    different = [
        load_url_lists(hard_words=[other]),
        load_url_lists(soft_words=[one]),
        load_url_lists(hard_words=[one, one]),
        load_url_lists(hard_words=[one], max_soft_words=2),
    ]
    assert len({digest, *(lists.digest for lists in different)}) == 5


def test_the_same_content_is_parsed_once(tmp_path: Path) -> None:
    assert lists(tmp_path, domains=["a.org"]) is lists(tmp_path, domains=["a.org"])


def reference_form(url: str) -> str:
    url = url.strip(" \t\r\n").lower()
    if "%" in url:
        url = unquote(url).lower()
    return url if url.isascii() else unicodedata.normalize("NFKC", url).lower()


def reference_host(url: str) -> tuple[str, str] | None:
    """Host and what follows host and port, of a URL in normal form."""
    found = re.match(r"(?s)((?:[a-z][a-z0-9+.-]*:)?//)?(?:[^/?#\\]*@)?(\[[^\]/?#\\]*\]?|[^/?#\\:]*)[^/?#\\]*(.*)", url)
    assert found is not None
    scheme, host, rest = found.groups()
    dotted = bool(scheme) or "." in host
    host = host.removesuffix(".")
    if not host or not dotted or len(host.encode()) > 253 or any(character <= " " for character in host):
        return None
    return host, rest


def reference(url: str | None, kinds: dict[str, list[str]], max_soft_words: int) -> tuple[Any, ...]:
    form = reference_form(url or "")
    place = reference_host(form)
    if place is None:
        return PASSES
    host, rest = place
    labels = host.split(".")
    for first in range(len(labels)):
        if ".".join(labels[first:]) in kinds["domains"]:
            return "url.domain", 1.0, ".".join(labels[first:])
    bare = host[4:] if host.startswith("www.") and "." in host[4:] else host
    for end in [place for place, character in enumerate(rest) if character in "/?#&"] + [len(rest)]:
        if bare + rest[:end] in kinds["urls"]:
            return "url.address", 1.0, bare + rest[:end]
    words = re.findall(r"[a-z0-9\u0080-\U0010ffff]+", form)
    hard = [word for word in words if word in kinds["hard_words"]]
    soft = [word for word in words if word in kinds["soft_words"]]
    if hard:
        return "url.hard_word", 1.0, hard[0]
    return ("url.soft_words", float(len(set(soft))), soft[0]) if len(set(soft)) > max_soft_words else PASSES


NAMES = st.sampled_from(["a", "b", "www", "org", "ü", "x1", "hot", "red"])
HOSTS = st.lists(NAMES, min_size=1, max_size=4).map(".".join)
PATHS = st.lists(st.one_of(NAMES, st.sampled_from([*"/?#&=-.:@%\\[]", "%2f", "%C3%BC", " ", "HOT"])), max_size=6).map(
    "".join
)
URLS = st.one_of(
    st.none(),
    st.text(),
    PATHS,
    st.tuples(
        st.sampled_from(["", "//", "http://", "HTTP://me@", "x:"]), HOSTS, st.sampled_from(["", ".", ":80"]), PATHS
    ).map("".join),
)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(URLS, max_size=20),
    st.lists(HOSTS, max_size=3).filter(lambda hosts: not any(host.startswith("www.") for host in hosts)),
    st.lists(st.tuples(HOSTS, st.sampled_from(["", "/a", "/a/b", "?a", "#b", "/hot&b"])).map("".join), max_size=3),
    st.lists(NAMES, max_size=2),
    st.lists(NAMES, max_size=4),
    st.integers(0, 2),
)
def test_the_kernel_decides_as_plain_python(
    tmp_path: Path,
    urls: list[str | None],
    domains: list[str],
    addresses: list[str],
    hard: list[str],
    soft: list[str],
    most: int,
) -> None:
    addresses = [address for address in addresses if not address.startswith("www.")]
    kinds = {"domains": domains, "urls": addresses, "hard_words": hard, "soft_words": soft}
    table = judge_urls(pa.array(urls, pa.string()), lists(tmp_path, max_soft_words=most, **kinds))
    assert [tuple(row.values()) for row in table.to_pylist()] == [reference(url, kinds, most) for url in urls]


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"])))))
def test_the_normal_form_is_what_the_rules_say(urls: list[str | None]) -> None:
    urls = [url if url is None else url.replace("xn--", "") for url in urls]
    assert normal_urls(pa.array(urls, pa.string())).to_pylist() == [
        url if url is None else reference_form(url) for url in urls
    ]


@pytest.mark.parametrize(
    "unit", ["a", ".", "/", "@", ":", "a.", "-a", "www.", "%41", "%ff", "xn--", "xn--a.", "[", "é", "//", "hot-red-"]
)
def test_long_monotonous_urls_take_linear_time(tmp_path: Path, unit: str) -> None:
    chosen = lists(tmp_path, domains=["bad.org"], urls=["bad.org/x"], hard_words=["foul"], soft_words=["hot", "red"])
    tail = unit * (200_000 // len(unit))
    assert judged("http://bad.org/" + tail, chosen)[0] == "url.domain"
    assert judged(tail, chosen)[0] in (None, "url.soft_words")
