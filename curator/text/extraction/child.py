"""The child process: `python -m curator.text.extraction.child EXTRACTOR SECONDS MEMORY_BYTES`, pages in, answers out.

A page may take so many seconds of processor time, counted by the system and enforced by SIGPROF, and the process so many
bytes of address space. It ends with its input: when the parent closes the pipe or dies.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import IO, cast

from curator.text.extraction.main_text import ExtractorName, main_text_function
from curator.text.extraction.messages import READY, Page, packed_answer, read_group
from curator.text.extraction.page import extract_page

OUT_OF_MEMORY = 86  # the exit status that says so; no library uses it


def main(extractor: ExtractorName, seconds: float, memory_bytes: int) -> None:
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints must not get among the answers
    logging.disable(logging.CRITICAL)  # trafilatura reports there, page by page, what it cannot parse
    set_limits(memory_bytes)
    main_text = main_text_function(extractor)
    _write(answers, READY)
    groups = os.fdopen(0, "rb", buffering=1 << 16)
    while pages := read_group(groups):
        for page in pages:
            _write(answers, _answer(page, main_text, seconds))


def set_limits(memory_bytes: int) -> None:
    """Limit the address space, write no core dumps, and let SIGPROF end the process whatever was inherited."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory_bytes = memory_bytes if most == resource.RLIM_INFINITY else min(memory_bytes, most)
    if sys.platform == "linux":  # elsewhere the address space is larger than the memory by far, or without limit
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPROF])


def _answer(page: Page, main_text: Callable[[str], str], seconds: float) -> bytes:
    signal.setitimer(signal.ITIMER_PROF, seconds)
    answer = packed_answer(extract_page(page.content, page.charset, main_text))
    signal.setitimer(signal.ITIMER_PROF, 0)
    return answer


def _write(stream: IO[bytes], content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[stream.write(left) :]


if __name__ == "__main__":
    try:
        main(cast(ExtractorName, sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:  # the parent is gone
        os._exit(0)
    os._exit(0)  # nothing to flush, and no library's clean-up to wait for
