"""Pages in real child processes that are starved, crashed, killed and left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import ConfigError
from curator.text.extraction.extractor import GROUP_BYTES, ExtractionSettings, Extractor
from curator.text.extraction.main_text import ExtractorName, main_text_function
from curator.text.extraction.page import Extraction, extract_page

RESILIPARSE = main_text_function("resiliparse")
SMALL = b"<head><meta name=robots content=noai></head><main><h1>Gr\xc3\xbc\xc3\x9fe</h1><p>A story &amp; more.</main>"
DEEP = b"<div>" * 100_000 + b"word"  # resiliparse's time is quadratic in the depth of divs: minutes
LARGE_TREE = b"<p>" * 3_000_000  # of about 100 bytes an element
CHARSETS = [None, "utf-8", "utf-16", "gb18030", "shift_jis", "windows-1252"]


def story(number: int) -> bytes:
    return f"<title>x</title><main><p>Story number {number} of a river, a boat and a town.</p></main>".encode()


def text(number: int) -> str:
    return f"Story number {number} of a river, a boat and a town."


def in_this_process(page: bytes, charset: str | None = None) -> Extraction:
    return extract_page(page, charset, RESILIPARSE)


def extracted(pages: list[bytes], limits: ExtractionSettings) -> list[Extraction]:
    with Extractor(limits) as extractor:
        return extractor.extract(pages, [None] * len(pages))


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def ends_within(seconds: float, pid: int) -> bool:
    end = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)


@pytest.fixture(scope="module")
def shared() -> Iterator[Extractor]:
    with Extractor(ExtractionSettings()) as extractor:
        yield extractor


@pytest.mark.parametrize("extractor", ["resiliparse", "trafilatura"])
def test_pages_of_all_sizes_come_back_in_order_and_as_in_this_process(extractor: ExtractorName) -> None:
    pytest.importorskip(extractor)
    here = main_text_function(extractor)
    pages = [story(number) * (1 if number % 7 else number * 20) for number in range(200)]
    pages[50:50] = [b"", story(50) * (3 * GROUP_BYTES // len(story(50))), b"", b"\xff"]
    charsets = [CHARSETS[number % len(CHARSETS)] for number in range(len(pages))]
    with Extractor(ExtractionSettings(extractor=extractor)) as child:
        found = child.extract(pages, charsets) + child.extract(pages[:3], charsets[:3])
    assert found[:-3] == [extract_page(page, charset, here) for page, charset in zip(pages, charsets, strict=True)]
    assert found[-3:] == found[:3]


def test_hints_come_with_the_text(shared: Extractor) -> None:
    page = SMALL + b"<a rel=license href=https://a/>"
    (found,) = shared.extract([page], [None])
    assert found == Extraction("Grüße\n\nA story & more.", None, "https://a/", "noai")


def test_the_child_starts_with_the_first_page_serves_all_batches_and_ends_with_the_context() -> None:
    with Extractor(ExtractionSettings()) as extractor:
        assert extractor.extract([], []) == []
        assert extractor.child_pid is None
        extractor.extract([SMALL], [None])
        first = extractor.child_pid
        extractor.extract([SMALL], [None])
        assert extractor.child_pid == first
    assert first is not None
    assert not is_running(first)


def test_a_page_beyond_its_time_costs_itself_and_no_other() -> None:
    found = extracted([story(1), DEEP, story(2), DEEP, story(3)], ExtractionSettings(seconds=0.3))
    error = "it takes more than 0.3 s of processor time"
    assert [page.text for page in found] == [text(1), None, text(2), None, text(3)]
    assert [page.error for page in found] == [None, error, None, error, None]


def test_a_page_beyond_its_memory_costs_itself_and_no_other() -> None:
    found = extracted([story(1), LARGE_TREE, story(2)], ExtractionSettings(memory_bytes=200_000_000))
    assert [page.text for page in found] == [text(1), None, text(2)]
    assert [page.error for page in found] == [None, "it takes more than 200 MB of memory", None]


def test_a_page_too_large_to_be_received_costs_itself_and_no_other() -> None:
    found = extracted([story(1), b"a" * 300_000_000, story(2)], ExtractionSettings(memory_bytes=200_000_000))
    assert [page.text for page in found] == [text(1), None, text(2)]
    assert found[1].error == "it takes more than 200 MB of memory"


def test_a_child_that_cannot_start_is_an_error_with_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "no-such-encoding")
    with pytest.raises(ConfigError, match=r"resiliparse does not start: .*no-such-encoding"):
        extracted([SMALL], ExtractionSettings())


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP])
def test_no_page_is_lost_to_a_child_that_is_killed_or_stopped_from_outside(blow: signal.Signals) -> None:
    pages = [story(number) for number in range(8_000)]
    found: list[Extraction] = []
    with Extractor(ExtractionSettings(seconds=0.3)) as extractor:
        extractor.extract(pages[:1], [None])
        thread = threading.Thread(target=lambda: found.extend(extractor.extract(pages, [None] * len(pages))))
        first = extractor.child_pid
        assert first is not None
        thread.start()
        os.kill(first, blow)
        thread.join()
        assert extractor.child_pid != first
    assert [page.text for page in found] == [text(number) for number in range(8_000)]
    assert not is_running(first)


PARENT = """
import sys, time
from curator.text.extraction.extractor import ExtractionSettings, Extractor
extractor = Extractor(ExtractionSettings(seconds=5))
extractor.extract([b"<p>A page."], [None])
print(extractor.child_pid, flush=True)
{then}
"""
DEEP_PAGES = "extractor.extract([b'<div>' * 12_000], [None])"
MANY_PAGES = "extractor.extract([b'<p>A page.'] * 10_000_000, [None] * 10_000_000)"


@pytest.mark.parametrize("then", ["time.sleep(600)", DEEP_PAGES, MANY_PAGES])
def test_no_orphan_survives_a_parent_that_is_killed(then: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT.format(then=then)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert ends_within(60, child)


def test_ctrl_c_ends_parent_and_child_with_one_traceback() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(then=MANY_PAGES)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.killpg(parent.pid, signal.SIGINT)
    _, errors = parent.communicate(timeout=60)
    assert errors.count("Traceback") == 1
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert ends_within(60, child)


def test_pages_after_an_interrupted_batch_get_their_own_answers() -> None:
    def interrupted() -> Iterator[bytes]:
        yield story(1)
        raise KeyboardInterrupt

    with Extractor(ExtractionSettings()) as extractor:
        extractor.extract([story(0)], [None])
        with pytest.raises(KeyboardInterrupt):
            extractor.extract(interrupted(), [None, None])  # type: ignore[arg-type]
        assert [page.text for page in extractor.extract([story(2), story(3)], [None, None])] == [text(2), text(3)]


def test_a_page_of_twenty_megabytes_of_one_letter_is_its_text(shared: Extractor) -> None:
    (found,) = shared.extract([b"a" * 20_000_000], [None])
    assert found.text == "a" * 20_000_000


@pytest.mark.parametrize("tag", [b"<b>", b"<table><tr><td>", b"<ul><li>", b"<blockquote>", b"<a href=x>"])
def test_deep_nesting_ends_with_an_extraction_or_an_error(tag: bytes) -> None:
    found = extracted([tag * 20_000 + b"word", story(1)], ExtractionSettings(seconds=2))
    assert found[0].text or found[0].error
    assert found[1].text == text(1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_every_prefix_of_a_page_is_extracted(shared: Extractor, encoding: str) -> None:
    page = SMALL.decode().encode(encoding)
    prefixes = [page[:end] for end in range(len(page) + 1)]
    found = shared.extract(prefixes, [encoding] * len(prefixes))
    assert found == [in_this_process(prefix, encoding) for prefix in prefixes]
    assert not any(extraction.error for extraction in found)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.binary(max_size=60), st.sampled_from([*CHARSETS, "", "\ud800", "Schrödinger"]))))
def test_any_bytes_in_any_charset_are_as_in_this_process(
    shared: Extractor, pages: list[tuple[bytes, str | None]]
) -> None:
    found = shared.extract([page for page, _ in pages], [charset for _, charset in pages])
    assert found == [in_this_process(page, charset) for page, charset in pages]
