"""datatrove's four MinHash stages with their default configuration (14 x 8, word 5-grams), on two workers.

PYTHON_OF_DATATROVE dedup_datatrove.py INPUT_FOLDER OUTPUT_FOLDER    Parquet with id and text; writes the kept documents as Parquet
"""

from __future__ import annotations

import sys

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import ParquetWriter

TASKS = 8
WORKERS = 2


def main() -> int:
    source, output = sys.argv[1:]
    config = MinhashConfig()
    signatures, buckets, removed = (f"{output}/work/{name}" for name in ("signatures", "buckets", "removed"))
    stages = [
        ([ParquetReader(source), MinhashDedupSignature(signatures, config=config)], TASKS),
        ([MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        ([MinhashDedupCluster(buckets, removed, config=config)], 1),
        ([ParquetReader(source), MinhashDedupFilter(removed), ParquetWriter(f"{output}/kept")], TASKS),
    ]
    for number, (stage, tasks) in enumerate(stages):
        logs = f"{output}/work/logs-{number}"
        LocalPipelineExecutor(stage, tasks=tasks, workers=min(WORKERS, tasks), logging_dir=logs).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
