"""How many tokens documents have, as far as that can be told without a tokenizer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.token_estimate import tokens_of_bytes


def estimated_tokens(statistics: pa.Table) -> npt.NDArray[np.int64]:
    """Tokens (n,) of documents by their column `bytes`."""
    return tokens_of_bytes(statistics["bytes"].to_numpy())
