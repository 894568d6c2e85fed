"""Speed of the whole ingest on one core: `python benchmarks/ingest.py [--json]`.

Text: `../shared/data/text` (JSONL.zst), read, cleaned, language, statistics, signatures, written as Parquet. Pages: the HTML of
`../shared/data/html/wcxb_dev` as a WARC, against the extractor alone on the same pages, in turn. Processor seconds of the
process and of the extractor's child; kernels are compiled before.
"""

from __future__ import annotations

import argparse
import io
import resource
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from common import Row, report

from curator.config.schema import Config
from curator.readers.listing import list_input
from curator.readers.units import plan_units
from curator.steps.ingest import ingest_unit
from curator.steps.ingest_settings import IngestSettings
from curator.store.files import Folder
from curator.store.step_folder import StepFolder
from curator.text.extraction.main_text import main_text_function
from curator.text.extraction.page import extract_page

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
TEXT, PAGES = DATA / "text", DATA / "html" / "wcxb_dev.tar.zst"
UNIT_BYTES = 16_000_000
TURNS = 3
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not PAGES.exists():
        sys.exit(f"{DATA} is not there: this benchmark needs its text and pages")
    with tempfile.TemporaryDirectory() as folder:
        pages = read_pages()
        write_warc(Path(folder) / "pages.warc", pages)
        ingested(str(Path(folder) / "pages.warc"))  # compiles
        rows = text_rows() + page_rows(str(Path(folder) / "pages.warc"), pages)
    return report(rows, as_json=options.json)


def text_rows() -> list[Row]:
    seconds, counts = timed(lambda: ingested(f"{TEXT}/*.jsonl.zst"))
    speed = counts["bytes_out"] / 1e6 / seconds
    return [
        Row(what="text: ingest", value=speed, unit="MB/s/core", target=">= 10"),
        Row(what="text: ingest", value=counts["documents_out"] / seconds, unit="1/s/core"),
    ]


def page_rows(warc: str, pages: list[bytes]) -> list[Row]:
    alone, whole = [], []
    for _ in range(TURNS):
        alone.append(timed(lambda: extracted(pages))[0])
        whole.append(timed(lambda: ingested(warc))[0])
    return [
        Row(what="pages: extractor alone", value=len(pages) / min(alone), unit="1/s/core"),
        Row(what="pages: ingest", value=len(pages) / min(whole), unit="1/s/core"),
        Row(what="pages: ingest over extractor", value=min(whole) / min(alone), unit="times", target="<= 1.3"),
    ]


def ingested(path: str) -> dict[str, int]:
    """Ingest all files in this process; the counters of all units."""
    config = Config.model_validate({"input": {"sources": ({"path": path},)}, "output": {"path": "unused"}})
    files = list_input(path, source=None, format=None)
    units = dict(enumerate(plan_units(files, unit_bytes=UNIT_BYTES)))
    total: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        step, settings = StepFolder(Folder(folder)), IngestSettings.of(config)
        for number in units:
            for name, count in ingest_unit(number, units=units, settings=settings, folder=step).counts.items():
                total[name] = total.get(name, 0) + count
    return total


def extracted(pages: list[bytes]) -> dict[str, int]:
    main_text = main_text_function("resiliparse")
    texts = [extract_page(page, None, main_text).text for page in pages]
    return {"documents": len(texts)}


def timed(work: Callable[[], dict[str, int]]) -> tuple[float, dict[str, int]]:
    before = processor_seconds()
    result = work()
    return processor_seconds() - before, result


def processor_seconds() -> float:
    """Of this process and of its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def read_pages() -> list[bytes]:
    with pa.CompressedInputStream(pa.OSFile(str(PAGES)), "zstd") as stream:
        archive = tarfile.open(fileobj=io.BytesIO(stream.read()))
    return [file.read() for member in archive if (file := archive.extractfile(member)) is not None]


def write_warc(path: Path, pages: list[bytes]) -> None:
    with path.open("wb") as file:
        for number, page in enumerate(pages):
            content = HTTP + page
            fields = f"WARC-Type: response\r\nWARC-Target-URI: http://page/{number}\r\n"
            kind = f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(content)}\r\n"
            file.write(f"WARC/1.0\r\n{fields}{kind}\r\n".encode() + content + b"\r\n\r\n")


if __name__ == "__main__":
    sys.exit(main())
