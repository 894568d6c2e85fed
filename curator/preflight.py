"""Whether a run can work at all, checked before anything is written."""

from __future__ import annotations

import importlib.util
import re
import socket
from collections.abc import Sequence
from pathlib import Path

from pyarrow import fs

from curator.cluster import cluster_address, nodes_without
from curator.config import Config
from curator.config.embedding import Embedding
from curator.config.packing import Tokenizer
from curator.config.quality import Quality
from curator.config.rephrase import Rephrase
from curator.config.schema import Resources
from curator.errors import ConfigError, EngineError
from curator.models.document_tokenizer import END, check_new_end_token, given_tokenizer
from curator.models.embedder import embedding_width, is_transformer, load_tokenizer
from curator.models.entailment import check_entailment
from curator.models.fasttext_scores import label_of
from curator.models.own_embedder import check_own_embedder
from curator.models.regressor import described_regressor, load_regressor_tokenizer, regressor_output
from curator.readers.texts import texts_digest
from curator.rephrase.chat_model import check_model
from curator.rephrase.strategy import load_strategies
from curator.rephrase.vllm_engine import check_engine, check_vllm
from curator.steps.decontaminate import check_benchmarks
from curator.store.files import filesystem_for, is_local

CONNECT_SECONDS = 10.0


def check_setup(config: Config) -> None:
    """Raises ConfigError, with the mend, where a package is missing, the output is not a folder, or no cluster answers."""
    if config.extraction.extractor == "trafilatura" and importlib.util.find_spec("trafilatura") is None:
        raise ConfigError("extraction.extractor: trafilatura is not installed: pip install 'curator[trafilatura]'")
    _check_output(config.output.path)
    _check_cluster(config.resources)


def check_selection(config: Config) -> None:
    """Raises ConfigError where what comes after deduplication lacks a package, a model or the benchmarks."""
    if config.budgets is not None:
        _check_faiss()
        _check_embedder(config.embedding)
    if config.quality is not None:
        _check_quality(config.quality)
    if config.decontamination is not None:
        check_benchmarks(config.decontamination)
    if config.rephrase is not None:
        check_rephrase(config.rephrase)
    if config.output.format == "tokens":
        check_tokenizer(config.tokenizer)


def _check_faiss() -> None:
    if importlib.util.find_spec("faiss") is None:
        raise ConfigError(
            "faiss is not installed: pip install 'curator[cpu]', or 'curator[gpu]' on machines with a GPU"
        )


def _check_embedder(embedding: Embedding) -> None:
    """An embedder that cannot be loaded would otherwise fail only after all the steps before the embedding."""
    if embedding.own is not None:
        check_own_embedder(embedding.own)
    if not is_transformer(embedding):
        return
    _check_packages(f"embedding.model: {embedding.model}")
    try:
        embedding_width(embedding)
        load_tokenizer(embedding)
    except (OSError, ValueError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise ConfigError(f"embedding.model: {embedding.model} cannot be loaded: {first_line}") from error


def _check_quality(quality: Quality) -> None:
    """Files and models that are given must be there before hours of ingest."""
    for texts in (quality.positives, *quality.watched.values()):
        if texts is not None:
            texts_digest(texts.path)
    if quality.fasttext is not None:
        label_of(quality.fasttext.path, quality.fasttext.label)
    if quality.regressor is not None:
        _check_packages(f"quality.regressor.model: {quality.regressor.model}")
        described = described_regressor(quality.regressor.model, quality.regressor.max_tokens)
        regressor_output(described, quality.regressor.label)
        load_regressor_tokenizer(described)


def check_tokenizer(tokenizer: Tokenizer) -> None:
    """Raises ConfigError where `output.format: tokens` lacks its package, its tokenizer, or a token that ends texts."""
    if tokenizer.path is not None:
        given_tokenizer(tokenizer.path, tokenizer.end_token)
    else:
        check_new_end_token(tokenizer.end_token or END)


def check_rephrase(rephrase: Rephrase) -> None:
    """Raises ConfigError where a strategy cannot be used, or the engine lacks a package or its model."""
    _check_packages("rephrase", ("jinja2", *(["aiohttp"] if rephrase.http else [])), extra="rephrase")
    load_strategies(rephrase)
    if rephrase.checks.entailment is not None:
        _check_packages(f"rephrase.checks.entailment.model: {rephrase.checks.entailment.model}")
        check_entailment(rephrase.checks.entailment)
    if rephrase.transformers is not None:
        _check_packages(f"rephrase.transformers.model: {rephrase.transformers.model}")
        check_model(rephrase.transformers)
    elif rephrase.vllm is not None:
        check_vllm()
        check_engine(rephrase.vllm)
        check_model(rephrase.vllm)


def check_key(rephrase: Rephrase) -> None:
    """Raises EngineError where workers lack the key of the endpoint: hours before the first request. Ray is up."""
    name = rephrase.http.key_variable if rephrase.http is not None else None
    without = nodes_without(name) if name is not None else []
    if without:
        others = f" and {len(without) - 1} more" if len(without) > 1 else ""
        raise EngineError(
            f"rephrase.http.key_variable: the environment variable {name} is not set for the workers on {without[0]}{others}; "
            "set it where this command, or on a cluster `ray start`, is run, and not as a runtime environment, which Ray shows"
        )


def _check_packages(
    needed_by: str, packages: Sequence[str] = ("torch", "transformers"), *, extra: str = "models"
) -> None:
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(f"{needed_by} needs {' and '.join(missing)}: pip install 'curator[{extra}]'")


def _check_output(path: str) -> None:
    try:
        filesystem, inside = filesystem_for(path)
        above = [str(folder) for folder in Path(inside).parents] if is_local(filesystem) else []
        found = filesystem.get_file_info([inside, *above])
    except (OSError, ValueError) as error:
        raise ConfigError(f"output.path: {path} cannot be reached: {error}") from error
    files = [info.path for info in found if info.type not in (fs.FileType.Directory, fs.FileType.NotFound)]
    if files:
        raise ConfigError(f"output.path: {files[0]} is a file; name a folder")


def _check_cluster(resources: Resources) -> None:
    """Ray itself waits many minutes for an address at which nobody listens."""
    address = cluster_address(resources) or ""
    place = re.fullmatch(r"(?:ray://)?([^:/]+):(\d+)", address)
    if place is None:
        return
    try:
        socket.create_connection((place[1], int(place[2])), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        raise ConfigError(f"no Ray cluster answers at {address}: {error}") from error
