"""What the rest of a text needs is not cut, however often it stands elsewhere."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from curator.text.protected_lines import unprotected
from curator.text.repeated_lines import hash_units


def free(text: str, *, paragraphs: bool = True) -> list[str]:
    """The lines or paragraphs of a text that may be cut."""
    texts = pa.array([text], pa.large_string())
    units = unprotected(texts, hash_units(texts, paragraphs=paragraphs, min_letters=1))
    return [
        text.encode()[start:stop].decode().rstrip("\n")
        for start, stop in zip(units.start.tolist(), units.stop.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to our newsletter, and follow us.",
        "-- \nKent sandvik@newton.example ALink: KSAND\n---",
        "_____\nRPM-List mailing list <RPM-List@example.net>",
        "Ende.  ",
        "C# and F# are languages",
    ],
)
def test_notices_and_signatures_may_go(text: str) -> None:
    assert free(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "## See also",
        "  # Heading\nwith its text",
        "| Name | Type |\n|---|---|",
        "The following is collected:  ",
        "收集以下信息：",  # noqa: RUF001
        "def factorial(n):\n    return n * factorial(n - 1)",
        "import java.io.BufferedReader;",
        ".panel {\n  border: 1px\n}",
        "const app = express();",
    ],
)
def test_headings_tables_introductions_and_code_stay(text: str) -> None:
    assert free(text) == []


@pytest.mark.parametrize("fence", ["```", "````python", "  ```", "----"])
def test_what_stands_in_a_fence_stays(fence: str) -> None:
    closing = fence.removesuffix("python")
    text = f"before\n\n{fence}\nplain words\n\nmore words\n{closing}\n\nbehind"
    assert free(text) == ["before", "behind"]
    assert free(text, paragraphs=False)[-1] == "behind"
    assert "plain words" not in free(text, paragraphs=False)


def test_code_inside_a_line_opens_no_fence() -> None:
    assert free("```words``` here\n\nbehind") == ["```words``` here", "behind"]


def test_a_fence_ends_with_its_text() -> None:
    texts = pa.array(["```\nopen", "words", "words"], pa.large_string())
    units = hash_units(texts, paragraphs=True, min_letters=1)
    assert unprotected(texts, units).text.tolist() == [1, 2]


def test_lines_before_the_first_unit_can_open_a_fence() -> None:
    texts = pa.array(["```\na\n\nlonger words\n```\n\nlonger words"], pa.large_string())
    units = hash_units(texts, paragraphs=True, min_letters=11)
    assert unprotected(texts, units).start.tolist() == [texts[0].as_py().rindex("longer")]


def test_odd_texts_take_linear_time() -> None:
    texts = pa.array(
        ["a" * 5_000_000, "`" * 5_000_000 + "a", " " * 5_000_000 + "a" + "\n" * 1_000_000], pa.large_string()
    )
    units = hash_units(texts, paragraphs=True, min_letters=1)
    assert unprotected(texts, units).text.tolist() == [0, 2], "a row of backticks opens a fence"


def test_a_cut_character_does_not_crash() -> None:
    data = "：".encode()  # noqa: RUF001
    for end in range(1, len(data) + 1):
        text = pa.LargeStringArray.from_buffers(1, pa.py_buffer(np.array([0, end], np.int64)), pa.py_buffer(data[:end]))
        units = hash_units(text, paragraphs=True, min_letters=1)
        assert len(unprotected(text, units).key) <= len(units.key)
