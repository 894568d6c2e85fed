"""NeMo Curator's English heuristic filters over one JSONL file, from the pipeline file that it ships: prints JSON.

PYTHON_OF_NEMO_CURATOR nemo_filters.py FILE    one document a line, with `text`
"""

from __future__ import annotations

import json
import sys
import time
from importlib.resources import files

import pandas
import yaml
from hydra.utils import instantiate
from loguru import logger
from nemo_curator.tasks import DocumentBatch

PIPELINE = "config/text/heuristic_filter_english_pipeline.yaml"


def stages() -> list:
    """The filters of the shipped pipeline, without its reader and writer."""
    shipped = yaml.safe_load(files("nemo_curator").joinpath(PIPELINE).read_text())
    filters = [stage for stage in shipped["stages"] if stage["_target_"].endswith("ScoreFilter")]
    return [instantiate({**stage, "text_field": "text"}) for stage in filters]


def surviving(texts: list[str], filters: list) -> list[int]:
    """The places of the documents that pass all filters; each filter sees only what the ones before it left."""
    data = pandas.DataFrame({"place": range(len(texts)), "text": texts})
    batch = DocumentBatch(dataset_name="sample", data=data)
    for one in filters:
        batch = one.process(batch)
        if batch is None:
            return []
    return batch.to_pandas()["place"].tolist()


def main() -> int:
    logger.remove()
    with open(sys.argv[1], encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    filters = stages()
    surviving(["One sentence to load what is loaded late."], filters)
    started = time.process_time()
    kept = set(surviving(texts, filters))
    seconds = time.process_time() - started
    result = {"cpu_seconds": seconds, "filters": len(filters), "kept": [place in kept for place in range(len(texts))]}
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
