"""What a misspelt name was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def hint(name: str, names: Sequence[str], otherwise: str, cutoff: float = 0.4) -> str:
    """`did you mean X?` with the one of `names` that is nearest to `name`; `otherwise` where none is alike by `cutoff`, a ratio of
    difflib (0 to 1).
    """
    close = difflib.get_close_matches(name, names, n=1, cutoff=cutoff)
    return f"did you mean {close[0]}?" if close else otherwise
