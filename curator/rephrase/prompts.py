"""From a document and a strategy to requests: one for each part of the text, each with a seed of its own."""

from __future__ import annotations

import hashlib

from curator.config.engines import HttpEngine
from curator.config.rephrase import Rephrase
from curator.rephrase.requests import Request
from curator.rephrase.segments import segments
from curator.rephrase.strategy import Strategy
from curator.rephrase.templates import rendered
from curator.text.token_estimate import BYTES_PER_TOKEN

OWN_LANGUAGE = "the language of the text"
LANGUAGES = {
    **{
        "ar": "Arabic",
        "bg": "Bulgarian",
        "bn": "Bengali",
        "ca": "Catalan",
        "cs": "Czech",
        "da": "Danish",
        "de": "German",
    },
    **{
        "el": "Greek",
        "en": "English",
        "es": "Spanish",
        "et": "Estonian",
        "fa": "Persian",
        "fi": "Finnish",
        "fr": "French",
    },
    **{"he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian"},
    **{"ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nl": "Dutch"},
    **{"no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak"},
    **{
        "sl": "Slovenian",
        "sr": "Serbian",
        "sv": "Swedish",
        "ta": "Tamil",
        "te": "Telugu",
        "th": "Thai",
        "tr": "Turkish",
    },
    **{"uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese"},
}
"""Small models keep to a language that is named better than to one they are to find out."""


def sources_of(text: str, strategy: Strategy) -> list[str]:
    """The parts of a text that are asked for one by one, without blanks at their ends. A blank text has none."""
    size = len(text.encode())
    most = max(1, strategy.input_tokens * BYTES_PER_TOKEN * len(text) // max(1, size))
    parts = max(strategy.parts_of(-(-size // BYTES_PER_TOKEN)), -(-len(text) // most))
    return [part.strip() for part in segments(text, most, parts)]


def requests_of(
    text: str, language: str | None, strategy: Strategy, *, doc_id: int, rephrase: Rephrase
) -> list[Request]:
    """One request for each of `sources_of(text, strategy)`, in their order. `language` is a code such as `de`, null if unknown."""
    told = "" if strategy.for_captions else language or ""  # a caption is too short to be sure of its language
    name, engine = LANGUAGES.get(told, OWN_LANGUAGE), rephrase.engine
    return [
        Request(
            messages=(("user", rendered(strategy.prompt, source, name)),),  # some models know no system role
            source=source,
            model=engine.model,
            max_tokens=strategy.output_tokens,
            temperature=rephrase.sampling.temperature,
            top_p=rephrase.sampling.top_p,
            seed=_seed(rephrase.sampling.seed, doc_id, strategy.name, part),
            extra=engine.extra if isinstance(engine, HttpEngine) else {},
        )
        for part, source in enumerate(sources_of(text, strategy))
    ]


def _seed(seed: int, doc_id: int, strategy: str, part: int) -> int:
    """31 bits, as engines want: equal texts in several documents, and parts of one, do not get one answer."""
    digest = hashlib.blake2b(f"{seed}/{doc_id}/{strategy}/{part}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 1
