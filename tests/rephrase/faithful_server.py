"""A script for the chat server that rephrases faithfully, by moving the words of each sentence, and plants faults by hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from tests.rephrase.openai_server import Body, Reply, Script, prompt_of

ORDER = "Write nothing about this task, neither before nor after your answer."
"""Stands in every prompt."""
INVENTED = "Colourful balloons drifted silently across distant vineyards yesterday evening."
FRENCH = (
    "Les bateaux quittent le port avant la nuit, et les marins chantent sur le pont pendant que la ville dort encore. "
)
TIMEOUT_SECONDS = 4.0
"""Of the client; a slow answer takes longer."""

FAULTS: dict[str, Callable[[str, str], Reply]] = {
    "foreign_number": lambda opening, answer: Reply(text=f"{opening}\n{answer} There were 4711 of them."),
    "foreign_name": lambda opening, answer: Reply(text=f"{opening}\n{answer} It was said by Ottoline Brackwater."),
    "truncated": lambda opening, answer: Reply(text=f"{opening}\n{answer[: len(answer) // 2]}", finish="length"),
    "missing_opening": lambda opening, answer: Reply(text=answer),
    "prompt_echo": lambda opening, answer: Reply(text=f"{opening}\n{ORDER}\n{answer}"),
    "language_changed": lambda opening, answer: Reply(text=f"{opening}\n{(FRENCH * 50)[: len(answer)]}"),
    "unsupported": lambda opening, answer: Reply(text=f"{opening}\n{answer} {INVENTED}"),
    "meta_talk": lambda opening, answer: Reply(text=f"Sure! Here is the text, rewritten.\n{opening}\n{answer}"),
    "empty": lambda opening, answer: Reply(text=opening),
    "failed": lambda opening, answer: Reply(status=400),
}
"""What goes wrong, by the reason that the step `verify` must give."""
TROUBLES = {
    "busy": Reply(status=429, headers={"Retry-After": "0.05"}),
    "broken": Reply(status=503),
    "lost": Reply(dropped=True),
    "slow": Reply(seconds=1.5 * TIMEOUT_SECONDS),
}
"""What happens to a first attempt; the second is answered."""
PLANTED = (*FAULTS, *TROUBLES)
OF = 2 * len(PLANTED)  # of as many requests one has each of these


def planted(prompt: str) -> str | None:
    """What goes wrong with a request of this prompt; None for every other one."""
    place = int.from_bytes(hashlib.blake2b(prompt.encode(), digest_size=8).digest(), "big") % OF
    return PLANTED[place] if place < len(PLANTED) else None


def with_faults(body: Body, before: int) -> Reply:
    prompt = prompt_of(body)
    fault = planted(prompt)
    if fault in TROUBLES and before == 0:
        return TROUBLES[fault]
    opening, answer = opening_of(prompt), rephrased(prompt)
    return FAULTS[fault](opening, answer) if fault in FAULTS else Reply(text=f"{opening}\n{answer}")


def faithful(body: Body, before: int = 0) -> Reply:
    prompt = prompt_of(body)
    return Reply(text=f"{opening_of(prompt)}\n{rephrased(prompt)}")


SCRIPTS: dict[str, Script] = {"faithful": faithful, "with_faults": with_faults}


def opening_of(prompt: str) -> str:
    return prompt.rstrip().rpartition("Its first line: ")[2]


def source_of(prompt: str) -> str:
    return prompt.partition("--- the text begins ---")[2].rpartition("--- the text ends ---")[0].strip()


def rephrased(prompt: str) -> str:
    """The sentences of the source, the second half of each before the first; as questions and answers where those are asked for."""
    sentences = [one for one in re.split(r"(?<=[.!?])\s+", source_of(prompt)) if one.strip(" .")]
    moved = [_moved(sentence) for sentence in sentences]
    if opening_of(prompt) != "Questions and answers:":
        return " ".join(moved)
    return "\n\n".join(f"What does part {_spelt(place)} say?\n{text}" for place, text in enumerate(moved[:8]))


def _moved(sentence: str) -> str:
    words = sentence.rstrip(".!?").lower().split()
    turned = words[len(words) // 2 :] + words[: len(words) // 2]
    return " ".join(turned).capitalize() + "."


def _spelt(place: int) -> str:
    return "alpha beta gamma delta epsilon zeta eta theta".split()[place]
