"""Workspaces with mistakes that fixes correct, and with damage of any kind."""

from __future__ import annotations

import json
from random import Random

from mutations import changed

PUT = {
    "plan": (
        "**Achievement {id}: {word}** (4-6 hours)",
        "### Achievement {id} - {word}",
        "- [X] Achievement {id}: {word}",
        "- ✅ Achievement {id}: {word}",
        "- [] {word}",
        "**Status**: ✅ Complete",
        "**Status**: Planning",
        "**Status**: Paused",
        "- **SUBPLANs**: 9 created (1 complete)",
        "- **EXECUTION_TASKs**: 1 created",
        "## Current Status & Handoff\n\n**Next**: Achievement {id}",
        "- **Dependencies**: {id}",
    ),
    "execution_task": (
        "- [X] all",
        "- [x ] {word}",
        "**Status**: ‚úÖ Complete",
        "**Final Status**: ✅ Complete",
        "- [~] {word}",
    ),
    "subplan": ("**Status**: Planning", "**Status**: ✅ Complete", "| a | b |\n|---|---|\n| 1 |", "- [X ] {word}"),
    "approved": ("**Status**: Aproved", "- [X] {word}", "**Review Date**: 2026-01-02"),
}
"""Kind of document → lines that are inserted into it and may decide its state."""
WORDS = ("Refunds", "‚úÖ Done", "Complete", "Next", "üéØ Goal")


def spoiled(files: dict[str, str], rng: Random) -> dict[str, str]:
    """Return the workspace with mistakes that fixes correct, and with damage of any kind."""
    result = dict(files)
    for path, text in sorted(files.items()):
        if path.endswith(".json"):
            result[path] = _spoiled_json(text, rng)
            continue
        name = path.rpartition("/")[2].casefold()
        choices = next((lines for kind, lines in PUT.items() if name.startswith(kind)), PUT["approved"])
        lines = text.split("\n")
        for _ in range(rng.choice((0, 0, 1, 2, 4))):
            put = rng.choice(choices).format(id=f"{rng.randint(0, 3)}.{rng.randint(1, 4)}", word=rng.choice(WORDS))
            lines.insert(rng.randrange(len(lines) + 1), put)
        text = "\n".join(lines)
        if rng.random() < 0.3:
            text = changed(text, [tuple(rng.randrange(4000) for _ in range(3)) for _ in range(3)])  # type: ignore[misc]  # three numbers each
        if rng.random() < 0.2:
            text = text.replace("\n", "\r\n", rng.choice((-1, 3)))
        result[path] = text
    return result


def _spoiled_json(text: str, rng: Random) -> str:
    data = json.loads(text)
    for entry in data.get("achievements", []):
        if rng.random() < 0.5:
            entry["blocks"] = []
        if rng.random() < 0.3:
            entry["status"] = rng.choice(("complete", "not_started", "failed"))
        if rng.random() < 0.2:
            entry["dependencies"] = [rng.choice(data["achievements"])["achievement_id"]]
    if rng.random() < 0.2:
        data["achievements"] += data["achievements"][:1]
    written = json.dumps(data, indent=rng.choice((None, 2)))
    return written if rng.random() < 0.9 else written[: rng.randrange(len(written))]
