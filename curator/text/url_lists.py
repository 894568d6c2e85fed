"""Block lists of the user: domains, addresses and words from files, in hash tables that the kernel of `urls` reads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import InputError
from curator.store.files import filesystem_for
from curator.text.url_form import normal_urls
from curator.text.url_table import Entries, new_entries

_SCHEME = r"^(?:[a-z][a-z0-9+.-]*:)?//"
_WWW = r"^www\.([^/?#]*\.)"
_DOMAIN = r"^[\pL\pM\pN_-]+(?:\.[\pL\pM\pN_-]+)*$|^\[[0-9a-f:.]+\]$"
_ADDRESS = r"^[^/?#]+"
_WORD = r"^[\pL\pM\pN]+$"

File = tuple[str, bytes]


@dataclass(frozen=True)
class UrlLists:
    """The lists as `load_url_lists` made them; `digest` names the content of the files and the limit of soft words."""

    domains: Entries
    urls: Entries
    hard_words: Entries
    soft_words: Entries
    max_soft_words: int
    digest: str


_loaded: dict[str, UrlLists] = {}
"""The lists last used by this process: millions of entries take seconds to parse, and one task a shard would pay for it."""


def load_url_lists(
    *,
    domains: Sequence[str] = (),
    urls: Sequence[str] = (),
    hard_words: Sequence[str] = (),
    soft_words: Sequence[str] = (),
    max_soft_words: int = 1,
) -> UrlLists:
    """Read block lists from local or remote files (.gz, .bz2 and .zst too); parsed once for each content and process.

    One entry a line; blank lines do not count, nor does what follows a `#` at the start of a line or after white space. Case,
    percent-encoding, punycode, a scheme, `www.`, and of domains `*.` and a port, make no difference. InputError names file and line
    of what cannot be an entry: white space in a domain or address, a path behind a domain, more than one word in a line.
    """
    kinds = [[(path, _read(path)) for path in paths] for paths in (domains, urls, hard_words, soft_words)]
    digest = _digest(kinds, max_soft_words)
    if digest not in _loaded:
        hosts, addresses, hard, soft = map(_entries, kinds, (_domains, _urls, _words, _words))
        _loaded.clear()
        _loaded[digest] = UrlLists(hosts, addresses, hard, soft, max_soft_words, digest)
    return _loaded[digest]


def _digest(kinds: Sequence[Sequence[File]], max_soft_words: int) -> str:
    digest = hashlib.blake2b(
        f"{max_soft_words} {[[len(data) for _, data in files] for files in kinds]}".encode(), digest_size=16
    )
    for files in kinds:
        for _, data in files:
            digest.update(data)
    return digest.hexdigest()


def _read(path: str) -> bytes:
    filesystem, inside = filesystem_for(path)
    try:
        with filesystem.open_input_stream(inside) as stream:
            return bytes(stream.read())
    except OSError as error:
        raise InputError(f"cannot read the block list {path}: {error}") from error


def _entries(files: Sequence[File], parse: Callable[[str, pa.Array], pa.Array]) -> Entries:
    parsed = [parse(path, _lines(path, data)) for path, data in files]
    entries = pa.concat_arrays([pa.array([], pa.large_string()), *parsed])
    return new_entries(entries.filter(pc.not_equal(entries, "")))


def _lines(path: str, data: bytes) -> pa.Array:
    """The lines of a file without comments and surrounding white space, the empty ones too, so that a line keeps its number."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_entry(path, data.count(b"\n", 0, error.start), "is not UTF-8: save the file as UTF-8") from error
    lines = pc.list_flatten(pc.split_pattern(pa.array([text], pa.large_string()), "\n"))
    return pc.utf8_trim(pc.replace_substring_regex(lines, r"(?:^|\s)#.*", ""), " \t\r")


def _domains(path: str, lines: pa.Array) -> pa.Array:
    _require(path, lines, r"^\S*$", "has white space: a domain is one name such as example.org")
    domains = pc.replace_substring_regex(normal_urls(lines), _SCHEME + r"|(?::\d+)?[./]?$", "")
    domains = pc.replace_substring_regex(pc.replace_substring_regex(domains, r"^\*?\.", ""), _WWW, r"\1")
    _require(path, domains, _DOMAIN + "|^$", "is not a domain: addresses with a path belong into the list of URLs")
    return domains


def _urls(path: str, lines: pa.Array) -> pa.Array:
    _require(path, lines, r"^\S*$", "has white space: write it as %20")
    urls = pc.replace_substring_regex(normal_urls(lines), _SCHEME + r"(?:[^/?#@]*@)?", "")
    urls = pc.replace_substring_regex(urls, r"^([^/?#:\[]+|\[[^\]]*\])\.?(?::\d*)?", r"\1")
    urls = pc.replace_substring_regex(pc.replace_substring_regex(urls, r"/+$", ""), _WWW, r"\1")
    _require(path, urls, _ADDRESS + "|^$", "is not an address: it begins with a host such as example.org")
    return urls


def _words(path: str, lines: pa.Array) -> pa.Array:
    words = normal_urls(lines)
    _require(
        path, words, _WORD + "|^$", "is not one word of letters and digits: a word of a URL has no space, hyphen or dot"
    )
    return words


def _require(path: str, lines: pa.Array, pattern: str, complaint: str) -> None:
    wrong = pc.indices_nonzero(pc.invert(pc.match_substring_regex(lines, pattern)))
    if len(wrong):
        line = wrong[0].as_py()
        raise _no_entry(path, line, f"{lines[line].as_py()!r} {complaint}")


def _no_entry(path: str, line: int, complaint: str) -> InputError:
    return InputError(f"{path}, line {line + 1}: {complaint}")
