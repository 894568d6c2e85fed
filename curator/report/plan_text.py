"""What `curator plan` prints: the input, and for every step whether it is done, begun or to do."""

from __future__ import annotations

from collections import Counter

from curator.plan import Plan
from curator.steps.step import Step


def plan_text(laid_out: Plan) -> str:
    """The plan as text. Reads manifests and commits only."""
    files = laid_out.registry.files
    size = sum(file.size for file in files)
    kinds = Counter(f"{file.format}{'.' + file.compression if file.compression else ''}" for file in files)
    listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    lines = [
        f"input   {len(files):,} files, {size / 1e6:,.1f} MB ({listed}) in {len(laid_out.registry.active):,} units",
        f"output  {laid_out.output.uri}",
        "",
    ]
    return "\n".join(lines + [f"  {step.name:<12}{step.digest}  {_state(laid_out, step)}" for step in laid_out.steps])


def _state(laid_out: Plan, step: Step) -> str:
    folder = laid_out.folder(step)
    manifest = folder.manifest()
    if manifest is not None:
        documents = sum(commit.counts.get("documents_out", 0) for commit in manifest)
        return f"done, would be skipped ({documents:,} documents out)"
    begun = len(folder.committed())
    return f"begun, {begun:,} pieces committed; the rest would be done" if begun else "to do"
