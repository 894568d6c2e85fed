"""The embedders: speed of each, beside others on the same texts: `python benchmarks/embedding.py [--corpus ...] [--gpu] [--json]`.

Without --gpu, on one core in processor seconds: TF-IDF beside scikit-learn; the transformer beside sentence-transformers'
`encode` on all-MiniLM-L6-v2, paired and in turns (both from the extra `bench`). With --gpu only what the GPU does: tokens per
second and model FLOP utilisation of two encoders with random weights; that part needs torch, transformers, numpy, pyarrow and
psutil, nothing else. `--gpu --device cpu --tiny` tries the same code where there is no GPU.
"""

from __future__ import annotations

import argparse
import sys

from common import Row, report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--corpus", help="JSONL.zst files with `text`: a folder, or a glob")
    parser.add_argument("--documents", type=int, default=128, help="texts that both transformers embed, in each turn")
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--tiny", action="store_true", help="encoders of a toy's size")
    options = parser.parse_args()
    if options.gpu:
        return report(on_gpu(options.device, options.tiny), as_json=options.json)
    return report(on_cpu(options.corpus, options.documents), as_json=options.json)


def on_gpu(device: str, tiny: bool) -> list[Row]:
    from embedding import gpu

    return gpu.rows(device, tiny=tiny)


def on_cpu(corpus: str | None, documents: int) -> list[Row]:
    from embedding import tfidf, transformer

    return [*tfidf.rows(corpus), *transformer.rows(corpus, documents)]


if __name__ == "__main__":
    sys.exit(main())
