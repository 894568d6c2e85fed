from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text import line_patterns as patterns
from curator.text.lines import C4_LINES, CURATOR_LINES, DCLM_LINES, LINE_RULES, clean_lines
from curator.text.unicode import clean_text


def cleaned(text: str, *rules: str) -> str:
    return str(clean_lines(pa.array([text], pa.large_string()), rules)[0][0].as_py())


GOES = {
    "counter": """
        3 likes; • 1 Like; 12,345 Views; 1.2k followers; (0 comments); 4 more replies; 2 days ago; Posted 5 minutes ago
        (edited 1 year ago); 7 min read; 7-minute read; No Comments""",
    "call_to_action": """
        Sign in; Login | Register; Log in or sign up; You must be logged in to vote.; Read more »; LEARN MORE
        Continue reading → A title; Read the full story; Share this post:; Share on Facebook Share on X; Follow us on Twitter
        3 items in cart; Add to cart; Shop Now; Subscribe to our weekly newsletter!; Leave a Reply; Comments are closed.
        Skip to main content; ADVERTISEMENT; Loading...""",
    "javascript": """
        Please enable JavaScript to view the comments powered by Disqus.; JavaScript is disabled in your browser
        You need to enable JavaScript to run this app.""",
    "policy": """
        Privacy Policy | Terms of Use; © Terms & Conditions · Cookies; This website uses cookies.
        By continuing to browse you agree to our use of cookies.; We use cookies to give you the best experience.""",
}
STAYS = """
    CHAPTER ONE; 1984; 12.5; Login; Share; Bookmarks; 4. Bookmarks; 5. Likes.; Comments; 3 comments on the text; 65 years ago.
    Read more books.; Sign in to the AWS console.; Log in to your account and open the settings.; share it with us.
    subscribe to the newsgroup news.answers and read the; // Subscribe to the next friend.id; contact={contact}
    Privacy Policy; Terms and Privacy; # use cookies.get(key) instead of cookies[key]; We use cookies to store a session id.
    How to enable JavaScript source maps; JavaScript is a language.
    Continue reading the chapter with care, for it tells you what the examination will ask of you."""


def listed(lines: str) -> list[str]:
    return [line.strip() for line in re.split("[;\n]", lines) if line.strip()]


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule, lines in GOES.items() for line in listed(lines)])
def test_boilerplate_of_web_pages_goes(rule: str, line: str) -> None:
    assert cleaned(f"First line.\n{line}\nLast line.", rule) == "First line.\nLast line."
    assert cleaned(f"First line.\n{line}\nLast line.", *CURATOR_LINES) == "First line.\nLast line."


@pytest.mark.parametrize("line", listed(STAYS))
def test_what_a_page_means_to_say_stays(line: str) -> None:
    assert cleaned(f"First line.\n{line}\nLast line.", *CURATOR_LINES) == f"First line.\n{line}\nLast line."


LONG = "items in cart right now but you can add more by clicking back onto the homepage."


@pytest.mark.parametrize(
    ("rules", "text", "expected"),
    [  # the published test cases of DCLM's modifiers that our rules can express
        (
            ["dclm_call_to_action"],
            f"You have 7 items in cart right now\n  items in cart\nAnd 7 {LONG}",
            f"You have 7 right now\nAnd 7 {LONG}",
        ),
        (
            ["dclm_call_to_action"],
            "sign-in for full access\nsign-in\nHow to sign-in.",
            "for full access\nHow to sign-in.",
        ),
        (
            ["dclm_call_to_action"],
            "Please read more...\n  read more...\nRead more...and find out!",
            "Please\nRead more...and find out!",
        ),
        (
            ["dclm_counter"],
            "123K quotes\n\nHello, World.\n\nHello, World with 3 views.\n3 views",
            "Hello, World.\n\nHello, World with 3 views.",
        ),
        (["dclm_counter"], "3 likes\n3,000 shares\n123K views!\n 5.1M   downloads\n1 like", "1 like"),
        (["upper_case"], "HELLO WORLD\n\nhello world\nHello, World\n\nHEllo", "hello world\nHello, World\n\nHEllo"),
        (["numeric"], "12345\n1a\n\n2bb\n3", "1a\n\n2bb"),
        (["one_word"], "Short line\n\na b c\n  two words\nHi", "Short line\n\na b c\n  two words"),
        (["citations"], "[edit]A citation[134].\nIt helps[citation needed].\n[1]\nEnd", "A citation.\nIt helps.\nEnd"),
        (
            ["no_terminal_punctuation"],
            'Period.\nQuestion?\nEx!\n"Quote"\nNothing\nEllipsis...',
            'Period.\nQuestion?\nEx!\n"Quote"',
        ),
        (
            ["c4_javascript"],
            "JavaScript must be enabled\n\nAbout javascript.\njava script enabled",
            "java script enabled",
        ),
        (
            ["c4_policy"],
            "This site uses cookies for tracking.\nAnother valid line here today.",
            "Another valid line here today.",
        ),
        (["long_word"], f"{'x' * 1001} y\n{'x' * 1000} y", f"{'x' * 1000} y"),
        (["few_words"], "two words\n\nthree of them\n[1] a b", "three of them\n[1] a b"),
    ],
)
def test_published_cases(rules: Sequence[str], text: str, expected: str) -> None:
    assert cleaned(text, *rules) == expected


def test_the_share_of_removed_words_counts_whole_lines_and_cut_parts() -> None:
    texts = pa.array(["one two three\n3 likes", "keep", "", None, "3 likes", "a b c items in cart"], pa.string())
    text, share = clean_lines(texts, ["counter", "dclm_call_to_action"])
    assert text.to_pylist() == ["one two three", "keep", "", None, "", "a b c"]
    assert text.type == pa.large_string()
    assert share.type == pa.float32()
    assert share.to_pylist() == pytest.approx([0.4, 0.0, 0.0, 0.0, 1.0, 0.5])


def test_a_text_that_loses_nothing_is_not_touched_and_slices_are_read_right() -> None:
    texts = pa.array(["3 likes", "a\n\n\n\nb  \n", "x\n3 likes\n\n\n\ny", None])
    assert clean_lines(texts.slice(1), CURATOR_LINES)[0].to_pylist() == ["a\n\n\n\nb  \n", "x\n\ny", None]
    assert clean_lines(texts.slice(1, 1), DCLM_LINES)[0].to_pylist() == [""]
    assert clean_lines(texts, ())[0].to_pylist() == texts.to_pylist()
    assert clean_lines(pa.array([], pa.large_string()), C4_LINES)[0].to_pylist() == []


PYTHON = {
    "counter": (patterns.COUNTER, 10),
    "call_to_action": (patterns.CALL_TO_ACTION, 10),
    "javascript": (patterns.JAVASCRIPT, 20),
    "policy": (patterns.POLICY, 20),
    "c4_javascript": ("javascript", 10**9),
    "c4_policy": ("terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies", 10**9),
    "dclm_counter": (
        r"^\W*\d[,.\d]*[kmb]?\s+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads|views|followers)\W*$",
        10**9,
    ),
}


def is_dropped(line: str, written: str, rule: str) -> bool:
    words = line.split()
    if rule in PYTHON:
        pattern, most = PYTHON[rule]
        return (
            len(words) <= most
            and re.search(pattern.replace("(?im)", ""), written, re.IGNORECASE | re.MULTILINE) is not None
        )
    return {
        "upper_case": sum(map(str.isupper, line)) > len(line) / 2,
        "numeric": bool(line) and all(map(str.isdigit, line)),
        "one_word": bool(line) and len(words) < 2,
        "few_words": len(words) < 3,
        "long_word": any(len(word) > 1000 for word in words),
        "no_terminal_punctuation": not written.endswith((".", "?", "!", '"', "'")) or written.endswith("..."),
    }.get(rule, False)


def reference(text: str, rules: Sequence[str]) -> str:
    lines, kept = text.split("\n"), []
    for line in lines:
        written = re.sub(r"\[[0-9]*\]|\[edit\]|\[citation needed\]", "", line) if "citations" in rules else line
        if any(is_dropped(line, written, rule) for rule in rules):
            continue
        if "dclm_call_to_action" in rules and len(line.split()) <= 10:
            for pattern in (r"\s?items in cart", r"\s?Read more...$", r"^Sign-in\s?"):
                written = re.sub(pattern, "", written, flags=re.IGNORECASE)
        if written.strip() or not line:
            kept.append(written)
    if kept == lines:
        return text
    return re.sub("\n{3,}", "\n\n", "\n".join(line.rstrip() for line in kept)).strip()


WORDS = [
    "the",
    "story",
    "of",
    "UPPER",
    "1",
    "1234",
    "[1]",
    "[edit]",
    "end.",
    "ends...",
    '"so"',
    "Sign-in",
    "sign in",
    "read more...",
]
WORDS += [
    "items in cart",
    "3 likes",
    "5 days ago",
    "javascript",
    "enable JavaScript",
    "please",
    "uses cookies",
    "This site",
    "Privacy Policy",
]
WORDS += [
    "|",
    "»",
    "é",
    "漢字",
    "ß",
    "Ⅷ",
    "²",
    "\u00a0",
    "\t",
    "x" * 1001,
    "Share this",
    "Subscribe to our",
    "newsletter",
    "advertisement",
]
LINES = st.lists(st.sampled_from(WORDS), max_size=13).map(" ".join)
TEXTS = st.lists(LINES, max_size=8).map("\n".join)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=4), st.sets(st.sampled_from(LINE_RULES)))
def test_equal_to_plain_python(texts: list[str], rules: set[str]) -> None:
    clean = clean_text(pa.array(texts, pa.large_string()))
    got, share = clean_lines(clean, sorted(rules))
    expected = [reference(text, sorted(rules)) for text in clean.to_pylist()]
    assert got.to_pylist() == expected
    counts = [(len(a.split()), len(b.split())) for a, b in zip(clean.to_pylist(), expected, strict=True)]
    assert share.to_pylist() == pytest.approx([(a - b) / a if a else 0.0 for a, b in counts])


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
def test_any_text_gives_clean_text_and_the_careful_rules_are_idempotent(texts: list[str]) -> None:
    clean = clean_text(pa.array(texts, pa.large_string()))
    once, _ = clean_lines(clean, CURATOR_LINES)
    assert clean_lines(once, CURATOR_LINES)[0].equals(once)
    for rules in (CURATOR_LINES, DCLM_LINES, C4_LINES):
        got, _ = clean_lines(clean, rules)
        assert clean_text(got).equals(got)


@pytest.mark.parametrize("rules", [CURATOR_LINES, DCLM_LINES, C4_LINES])
def test_huge_and_odd_texts_take_linear_time(rules: Sequence[str]) -> None:
    texts = [
        "a" * 5_000_000,
        "\n" * 300_000,
        "3 likes\n" * 100_000,
        "[" * 1_000_000,
        "» " * 1_000_000,
        "1," * 1_000_000,
        "\u200f" * 9,
    ]
    got, share = clean_lines(pa.array(texts, pa.large_string()), rules)
    assert len(got) == len(share) == len(texts)
