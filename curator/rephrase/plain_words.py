"""Text in lower case, with one word for what several say: `not allowed` for banned and forbidden, `atmost` for at most."""

from __future__ import annotations

import re

_TOGETHER = (
    ("n't", " not"),
    ("no. ", " "),
    ("cannot", "can not"),
    ("not only", "only"),
    ("so that ", "so would "),
    ("unable to", "not able to"),
    ("failed to", "not"),
    ("fails to", "not"),
    ("refused to", "not"),
    ("refuses to", "not"),
    (" forbidden", " not allowed"),
    (" banned", " not allowed"),
    (" prohibited", " not allowed"),
    (" verboten", " nicht erlaubt"),
    (" untersagt", " nicht erlaubt"),
    (" interdit", " pas autorisé"),
    (" prohibid", " no permitid"),
    ("at most", "atmost"),
    ("at least", "atleast"),
    ("up to", "upto"),
)
_TOO = re.compile(r"\bzu (?=\w+[^\Wn]\b)")
"""German `zu` before what is no infinitive."""
_NOTHING_BUT = re.compile(r"\b(?:ne |n')(?:(?!pas |jamais )\w+ ){1,3}que\b")
"""French `ne ... que`: only."""


def plain(text: str) -> str:
    text = text.lower().replace("’", "'")  # noqa: RUF001
    for phrase, one in _TOGETHER:
        text = text.replace(phrase, one)
    return _NOTHING_BUT.sub("seulement", _TOO.sub("allzu ", text))
