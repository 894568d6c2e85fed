"""Daft's MinHash pipeline as its tutorial builds it: normalise, minhash, bands, edges to the smallest node of each bucket,
large-star and small-star until nothing changes, join, write. Bands of 14 x 8, as datatrove has them.

PYTHON_OF_DAFT dedup_daft.py INPUT_FOLDER OUTPUT_FOLDER    Parquet with id and text; writes the kept documents as Parquet
"""

from __future__ import annotations

import os
import sys

import daft
from daft import DataFrame, col, lit
from daft.functions import monotonically_increasing_id, when

BANDS, ROWS = 14, 8


def main() -> int:
    source, output = sys.argv[1:]
    documents = daft.read_parquet(f"{source}/*.parquet").select("id", "text")
    signed = (
        documents.select("id", minima().alias("minima")).with_column("node", monotonically_increasing_id()).collect()
    )
    component = components(band_edges(signed))
    removed = signed.select("id", "node").join(component, left_on="node", right_on="u").select("id")
    documents.join(removed, on="id", how="anti").write_parquet(f"{output}/kept")
    return 0


def minima() -> daft.Expression:
    words = col("text").normalize(remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
    return words.minhash(num_hashes=BANDS * ROWS, ngram_size=5, seed=42, hash_function="xxhash")


def band_edges(signed: DataFrame) -> DataFrame:
    """Edges from the nodes of every bucket to its smallest, once each."""
    buckets = (
        signed.select("node", col("minima").chunk(ROWS).alias("band"), lit(list(range(BANDS))).alias("number"))
        .explode("band", "number")
        .groupby("number", "band")
        .agg(col("node").list_agg().alias("nodes"))
        .where(col("nodes").list_count() > 1)
    )
    edges = buckets.select("nodes", col("nodes").list_min().alias("v")).explode("nodes")
    return edges.select(col("nodes").alias("u"), "v").where(col("u") != col("v")).distinct().collect()


def components(edges: DataFrame) -> DataFrame:
    """An edge from every node to the smallest of its component (Kiveris 2014), when no round changes an edge any more."""
    while True:
        following = small_star(large_star(edges))
        new = following.join(edges, on=["u", "v"], how="anti").count_rows()
        if not new and following.count_rows() == edges.count_rows():
            return edges
        edges = following


def large_star(edges: DataFrame) -> DataFrame:
    """Every larger neighbour points to the smallest node of the neighbourhood."""
    both = edges.select("u", "v").concat(edges.select(col("v").alias("u"), col("u").alias("v")))
    stars = both.groupby("u").agg(col("v").list_agg().alias("others"), col("v").min().alias("least"))
    smallest = when(col("u") < col("least"), col("u")).otherwise(col("least"))
    stars = stars.select("u", "others", smallest.alias("v")).explode("others").where(col("others") > col("u"))
    return stars.select(col("others").alias("u"), "v").distinct().collect()


def small_star(edges: DataFrame) -> DataFrame:
    """Every smaller neighbour, and the node itself, point to the smallest of them."""
    stars = edges.groupby("u").agg(col("v").list_agg().alias("others"), col("v").min().alias("least")).collect()
    others = stars.explode("others").select(col("others").alias("u"), col("least").alias("v"))
    own = stars.select("u", col("least").alias("v"))
    return others.concat(own).where(col("u") != col("v")).distinct().collect()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # Daft 0.7.26 at times aborts while the interpreter ends, when everything is written
