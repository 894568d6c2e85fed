"""A small corpus made for the tests: English-looking documents of several topics, with planted duplicates and bad records."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

TOPIC_WORDS = """
garden: soil seed root leaf water plant summer winter flower tree hedge border mulch spade compost bulb rose lawn
harbour: ship rope tide anchor sailor wind mast cargo quay gull storm captain deck lantern net barrel oar fog
kitchen: flour oven butter salt dough pan knife onion pepper broth sugar spoon plate recipe stove kettle cream bread
orbit: planet star moon rocket engine fuel signal antenna crater gravity capsule telescope comet dust ring probe
"""
TOPICS = {name: words.split() for name, words in (line.split(": ") for line in TOPIC_WORDS.strip().splitlines())}
FUNCTION_WORDS = "the of and to in that with for was had have from by is on it as be at this they which not are".split()
COMMON_WORDS = """
old house people time year day man woman child world life hand part place week case point company number group problem fact
small large early young important different local certain clear whole strong true common single final open short high long
walked found looked turned carried waited opened closed followed remembered learned asked answered believed wanted needed
slowly often always never almost already perhaps together again soon later behind before after between under across near
""".split()


def sentence(rng: random.Random, topic: str) -> str:
    """A sentence of 8 to 18 words that sounds of the topic; no two are likely to share five words in a row."""
    pools = (FUNCTION_WORDS, TOPICS[topic], FUNCTION_WORDS, COMMON_WORDS)
    words = [rng.choice(pools[place % 4]) for place in range(rng.randrange(8, 19))]
    return " ".join(words).capitalize() + "."


def document(rng: random.Random, topic: str, sentences: int) -> str:
    """One document of a topic: paragraphs of four sentences that pass the heuristics."""
    lines = [" ".join(sentence(rng, topic) for _ in range(4)) for _ in range(max(1, sentences // 4))]
    return "\n".join(lines)


def records(count: int, seed: int = 7) -> list[dict[str, object]]:
    """`count` records; of each 20 one is an exact and one a near duplicate of an earlier one, one is too short, one is French."""
    rng = random.Random(seed)
    made: list[dict[str, object]] = []
    for index in range(count):
        topic = sorted(TOPICS)[index % len(TOPICS)]
        text = document(rng, topic, rng.randrange(12, 40))
        if index % 20 == 17:
            text = str(made[index - 9]["text"]).replace("\n", "\n\n") + "  "
        elif index % 20 == 18:
            text = str(made[index - 7]["text"]) + " There was one more sentence at the end of this one."
        elif index % 20 == 19:
            text = "This is one short sentence of the English language, and there is no more of it."
        elif index % 20 == 13:
            text = (
                "Il est souvent dit que la maison de mon voisin est plus belle que la mienne, mais je ne le crois pas. "
                * 8
            )
        made.append({"id": f"d{index}", "text": text, "url": f"https://example.org/{topic}/{index}", "topic": topic})
    return made


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> Path:
    """Write records as JSON lines, gzip-compressed (without a time stamp) where the name says so."""
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def write_corpus(folder: Path, count: int = 240, files: int = 4) -> Path:
    """The corpus in several files, so that there are several units and shards."""
    rows = records(count)
    for number in range(files):
        suffix = "jsonl.gz" if number % 2 else "jsonl"
        write_jsonl(folder / f"part-{number}.{suffix}", rows[number::files])
    return folder


def config_text(source: Path | str, output: Path | str, **more: str) -> str:
    """A YAML configuration for that corpus: tiny shards, no quality drops beyond the planted ones."""
    return f"""\
input:
  sources:
    - path: {source}
      name: tests
  on_bad_file: {more.get("on_bad_file", "fail")}
output:
  path: {output}
shards:
  text_bytes: 60_000
  unit_bytes: {more.get("unit_bytes", "100_000")}
embedding:
  dimensions: 16
  actors: 1
concepts:
  count: 6
budgets:
  keep_share: 0.7
resources:
  cpus: {more.get("cpus", "2")}
  object_store_bytes: 200_000_000
  exchange_bytes: {more.get("exchange_bytes", "1_000_000_000")}
"""
