"""datatrove's Gopher, C4 and FineWeb filters over one JSONL file, as its FineWeb pipeline sets them: prints JSON.

PYTHON_OF_DATATROVE datatrove_filters.py FILE    one document a line, with `text`
"""

from __future__ import annotations

import json
import sys
import time

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)


def chain() -> list:
    return [
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(filter_no_terminal_punct=False),
        FineWebQualityFilter(),
    ]


def keeps(document: Document, filters: list) -> bool:
    """The chain as a pipeline runs it: the first filter that drops ends it."""
    for one in filters:
        verdict = one.filter(document)
        if verdict is not True:
            return False
    return True


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    filters = chain()
    keeps(Document(text="One sentence to load the tokenizers.", id="warm"), filters)
    for one in filters:
        one.filter(Document(text="One more sentence. To load the tokenizers of every filter.", id="warm"))
    started = time.process_time()
    kept = [keeps(Document(text=text, id=str(place)), filters) for place, text in enumerate(texts)]
    print(json.dumps({"cpu_seconds": time.process_time() - started, "kept": kept}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
