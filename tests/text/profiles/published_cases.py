"""What the systems that the profiles are named after say of their own test texts, as data.

datatrove (huggingface/datatrove, Apache-2.0): tests/pipeline/filters/test_filters.py.
DCLM (mlfoundations/dclm, MIT): tests/baselines/mappers/filters/test_content_filters.py.
Dolma (allenai/dolma, Apache-2.0): tests/python/test_gopher.py and tests/python/test_c4.py.

Left out: what removes lines or words but no document, sentences in DCLM (its baseline counts none), languages,
addresses, word lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from curator.config.profiles import Profile


@dataclass(frozen=True)
class Verdict:
    """Whether a group of rules drops a text. `fails` is the statistic that the system names as its reason, if it drops it."""

    profile: Profile
    group: str
    text: str
    drops: bool
    fails: str | None = None
    limits: Mapping[str, float] = field(default_factory=dict)  # where the test departs from the profile's


@dataclass(frozen=True)
class Measure:
    """Between which bounds a statistic of a text lies: the limits at which the system drops and keeps it, or its value."""

    profile: Profile
    statistic: str
    text: str
    above: float = -inf
    at_most: float = inf


def value(profile: Profile, statistic: str, text: str, exactly: float) -> Measure:
    return Measure(profile, statistic, text, exactly - 1e-6, exactly + 1e-6)


FRODO = (
    "I wish it need not have happened in my time,' said Frodo. 'So do I,' said Gandalf, 'and so do all who live to "
    "see such times. But that is not for them to decide. All we have to decide is what to do with the time that is "
    "given us.'"
)
FRANK = "I am Frank, you are Jhon. I am Frank. I am Frank you are Jhon"
GOOD_LINES = (
    "This is a well-written paragraph with several sentences.\n"
    "The content continues with more good information here.\n"
    "Another important point is being made in this line.\n"
    "We can see that this document has quality content.\n"
    "Finally, the conclusion wraps everything up nicely.\n"
    "An additional sentence to ensure we pass the threshold."
)
LOREM_IPSUM = (
    "This is a sentence with lorem ipsum dolor sit amet.\n"
    "Another sentence with proper punctuation.\n"
    "More content to fill out the document.\n"
    "Even more content is needed to pass the check.\n"
    "The final sentence of the document."
)
CURLY_BRACKET = (
    "This is some code with a { bracket.\n"
    "Another sentence follows this one.\n"
    "More content to fill out the document.\n"
    "Even more content is needed to pass.\n"
    "The final sentence of the document."
)
LONG_LINES = (
    "This is a well-written paragraph that ends with proper punctuation.\n"
    "The content here is substantial and has meaningful information.\n"
    "Quality filtering ensures that only the best documents pass through.\n"
    "Each line here is long enough and ends with a terminal punctuation mark.\n"
    "This document should pass all the quality checks applied by the filter."
)
SYMBOLS = "the ./!*?<><> apple <?////> orange  ++ interconnection !<>??? have"
FEW = {"min_words": 10, "max_words": 1000}

DATATROVE = (
    *(
        Verdict("datatrove", "gopher_repetition", text, True, fails)
        for text, fails in (
            ("", None),
            ("I am your father.\n" * 4, "duplicate_lines"),
            ("I am your father.\n\n" * 4, "duplicate_paragraphs"),
            (
                "I am groot.\n\nYou are a wizard.\n\nI am your father.\n\n" + f"{'x' * 30}.\n\n" * 2,
                "duplicate_paragraph_characters",
            ),
            (
                "I am groot.\nYou are a wizard.\nI am your father.\n" + f"{'x' * 40}.\n" * 2,
                "duplicate_line_characters",
            ),
            ("I am Frank, I am Frank, I am Frank", "top_2gram"),
            (FRANK, "top_3gram"),
            ("I am a solo traveller " * 4 + FRODO, "duplicate_5gram"),
        )
    ),
    *(
        Verdict("datatrove", "gopher_quality", text, fails is not None, fails, FEW)
        for text, fails in (
            ("I am too small...", "words"),
            ("I am " * 20, "mean_word_length"),
            ("interconnection " * 20, "mean_word_length"),
            ("# comment " * 20, "symbols_per_word_hash"),
            ("... comment " * 20, "symbols_per_word_ellipsis"),
            (SYMBOLS * 20, "alphabetic_words"),
            (FRODO, None),
        )
    ),
    *(
        Verdict("datatrove", "c4", text, fails is not None, fails)
        for text, fails in (
            (GOOD_LINES, None),
            (LOREM_IPSUM, "lorem_ipsum"),
            (CURLY_BRACKET, "curly_bracket"),
            ("Just one sentence.", "sentences"),
        )
    ),
    Verdict("datatrove", "fineweb", "", True),
    Verdict(
        "datatrove",
        "fineweb",
        "No punctuation here\nAnother line without any\nStill nothing",
        True,
        "punctuated_lines",
        {"min_punctuated_lines": 0.5},
    ),
    Verdict(
        "datatrove",
        "fineweb",
        "hi.\nbye.\nok.\nno.\nyes.",
        True,
        "short_lines",
        {"max_short_lines": 0.5, "min_punctuated_lines": 0.0},
    ),
    Verdict("datatrove", "fineweb", LONG_LINES, False),
    Verdict("datatrove", "fineweb", "\n".join(["a"] * 50), True, None, {"max_newlines_per_word": 0.1}),
)

NOT_FILTERED = (
    "This is a complex sentence with unique words.\n"
    "Here is another one.\n We can say a lot of things, because we want this page to not be filtered out.\n"
    "However, in order to make sure all parts of the code are reached,\nwe craete a long n-gram that is repeated:\n"
    "a complex sentence with unique words.\nNow just making sure that the freq count is low enough so it will not filter out "
    "anything.\nSince our n-gram is quite long, need to add a lot of text here in order to verify it is indeed not filtered out. "
    "I hope that is enough.\nLorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore "
    "et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo "
    "consequat."
)
HELLO = "hello world hello world hello world"
SPACED = "hello      world hello apple.... world hello\n world hello"
ORPHAN = "hello world hello\n world hello. apple world hello world hello world hello world"
TIES = ("a b a b a b ab cd ab cd ab cd abc def abc def", "a b a b a b abc def abc def ab cd ab cd ab cd")
TWO_OF_THREE_LINES = "Hello, World.\nHello, World.\n\nHello"
TWO_OF_THREE_PARAGRAPHS = "Hello, World.\n\nHello, World.\n\nHello, World.\nHello"
NOT_ALPHABETIC = (
    "This sentence contains <1,000 non-alphabetic w0rd5 within it but >1.",
    "This sentence contains <1,000     non-alphabetic \nw0rd5 within it but >1.",
)
BULLETS = "\u25cf\u2022*-"
ELLIPSES = ("...", ". . .", "\u2026")


def near(statistic: str, text: str, middle: float) -> Measure:
    return Measure("dclm", statistic, text, middle - 1e-2, middle + 1e-2)


DCLM_VERDICTS = (
    Verdict("dclm", "gopher_repetition", "This is a complex sentence with unique words.\n Here is another one.", False),
    Verdict("dclm", "gopher_repetition", "Repeat repeat repeat repeat.", True),
    Verdict("dclm", "gopher_repetition", "", True),
    Verdict("dclm", "gopher_repetition", NOT_FILTERED, False),
)
DCLM_REPETITION = (
    Measure("dclm", "duplicate_lines", "Hello, World.", at_most=0.0),
    Measure("dclm", "duplicate_line_characters", "Hello, World.", at_most=0.0),
    Measure("dclm", "duplicate_lines", "Hello\nHello\n\n\n\nHello", 0.99, 1.0),
    Measure("dclm", "duplicate_line_characters", "Hello\nHello\n\n\n\nHello", 0.99, 1.0),
    near("duplicate_lines", TWO_OF_THREE_LINES, 2 / 3),
    near("duplicate_line_characters", TWO_OF_THREE_LINES, 26 / 31),
    near("duplicate_paragraphs", TWO_OF_THREE_PARAGRAPHS, 2 / 3),
    near("duplicate_paragraph_characters", TWO_OF_THREE_PARAGRAPHS, 26 / 45),
    Measure("dclm", "top_2gram", "hello", at_most=0.0),
    Measure("dclm", "duplicate_5gram", "hello", at_most=0.0),
    *(Measure("dclm", f"top_{size}gram", HELLO, 0.99) for size in (2, 3, 4)),
    near("top_2gram", SPACED, 30 / 40),
    near("top_3gram", SPACED, 30 / 40),
    Measure("dclm", "top_4gram", SPACED, at_most=0.0),
    *(near("top_2gram", text, 12 / 30) for text in TIES),
    near("duplicate_5gram", ORPHAN, 60 / 65),
)
DCLM_QUALITY = (
    *(
        value("dclm", "words", text, count)
        for text, count in (
            ("", 0),
            ("Hello world.", 2),
            ("Hello world. This is a test.", 6),
            ("Hello world. \n This is a test.", 6),
            ("Hello world. \n\n This is a test.", 6),
            ("Hello world. \n\n\n \n\n\n This is a test.", 6),
            ("Mr. Smith bought 2.5 kilograms of fruit.", 7),
        )
    ),
    *(
        Measure("dclm", "ellipsis_lines", text, above, at_most)
        for dots in ELLIPSES
        for text, above, at_most in (
            (f"This text has one line that ends with an ellipsis{dots}\n and one line that doesn't.", 0.49, 0.51),
            (f"This text has one{dots}line that ends with an ellipsis{dots}and one line that doesn't.", -inf, 0.01),
            (
                f"This text has one{dots}{dots}\n{dots}line that ends with an ellipsis{dots}\nand one line that doesn't.",
                0.66,
                0.67,
            ),
        )
    ),
    *(
        Measure("dclm", "bullet_lines", text, above, at_most)
        for first in BULLETS
        for second in BULLETS
        for text, above, at_most in (
            (
                f"{first} This text has two lines\n{second} that start with a bullet\n and one line that doesn't.",
                0.66,
                0.67,
            ),
            (
                f"This text has two lines{second} that start with a bullet{first}\n and one line that doesn't.",
                -inf,
                0.01,
            ),
            (
                f"{first * 5}This text has two lines\n{second} that start with a bullet\n and one line that doesn't.",
                0.66,
                0.67,
            ),
        )
    ),
    value("dclm", "stop_words", "The best of the best", 3),
    value("dclm", "stop_words", "the be to of and that have with", 8),
    Measure("dclm", "stop_words", "Then Tom and Sally withheld bees", at_most=1),
    Measure("dclm", "mean_word_length", "The average word length is 4.33", 4 - 1e-6, 5),
    Measure("dclm", "mean_word_length", "The cat in the hat", at_most=3 - 1e-6),
    Measure("dclm", "mean_word_length", "Loquaciousness verylongwords", above=10),
    Measure("dclm", "mean_word_length", "  ", at_most=3 - 1e-6),
    Measure("dclm", "symbols_per_word_hash", "No symbols here.", at_most=0.0),
    Measure("dclm", "symbols_per_word_hash", "#hashtags #on #every #word", 0.1, 1.0),
    Measure("dclm", "symbols_per_word_hash", "#hashtags and ellipses both count...", above=0.3),
    Measure("dclm", "symbols_per_word_hash", "#hashtags and ellipses both count\u2026", above=0.3),
    Measure("dclm", "symbols_per_word_hash", "#hashtags and ellipses both count. . .", above=0.25),
    Measure("dclm", "symbols_per_word_hash", "   ", above=0.1),
    Measure("dclm", "alphabetic_words", "", at_most=0.8 - 1e-6),
    *(Measure("dclm", "alphabetic_words", text, 0.8 - 1e-6, 0.9 - 1e-6) for text in NOT_ALPHABETIC),
)

SENTENCE = "This is a test."
SENTENCES = "This is a sentence. \n  \n This is another sentence.\n\n  This is a third sentence."
DOLMA = (
    *(
        value("dolma", statistic, SENTENCE, exactly)
        for statistic, exactly in (
            ("top_2gram", 0.5),
            ("top_3gram", 0.5833333333333334),
            ("top_4gram", 1.0),
            ("words", 4),
            ("mean_word_length", 3),
            ("symbols_per_word_hash", 0),
            ("alphabetic_words", 1),
            ("stop_words", 0),
            ("bullet_lines", 0),
            ("ellipsis_lines", 0),
            ("duplicate_lines", 0),
            ("duplicate_line_characters", 0),
            ("curly_bracket", 0),
            ("lorem_ipsum", 0),
        )
    ),
    *(
        value("dolma", statistic, SENTENCES, exactly)
        for statistic, exactly in (
            ("top_2gram", 0.3050847457627119),
            ("top_3gram", 0.23728813559322035),
            ("top_4gram", 0.2711864406779661),
            *((f"duplicate_{size}gram", 0) for size in range(5, 11)),
            ("words", 13),
            ("mean_word_length", 4),
            ("symbols_per_word_hash", 0),
            ("alphabetic_words", 1),
            ("stop_words", 0),
            ("bullet_lines", 0),
            ("ellipsis_lines", 0),
            ("duplicate_lines", 0),
            ("duplicate_line_characters", 0),
        )
    ),
    value("dolma", "words", "T h i s \n    \n\n\n    isoneword !!!", 6),
    value("dolma", "stop_words", "The.and.that", 0),
    value("dolma", "stop_words", "The and that", 2),
    value("dolma", "curly_bracket", "This is a test {", 1),
    value("dolma", "lorem_ipsum", "This is a lorem ipsum test\nmore test.", 1),
)

VERDICTS: tuple[Verdict, ...] = (*DATATROVE, *DCLM_VERDICTS)
MEASURES: tuple[Measure, ...] = (*DCLM_REPETITION, *DCLM_QUALITY, *DOLMA)
