"""Trees of GSD in memory, for the tests of its reader and its diagnostics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planmark.formats.gsd import FORMAT
from unit.formats.format_workspace import FormatWorkspace

PHASES = ".planning/phases"
FOLDERS = {"01": "01-till", "02": "02-prices", "03": "03-receipts"}
ROADMAP = """# Roadmap: Shop

- [ ] **Phase 1: Till** - sell
- [ ] **Phase 2: Prices** - set prices

### Phase 1: Till
**Goal**: Bread is sold

- [ ] 01-01-PLAN.md — Open the till
- [ ] 01-02-PLAN.md — Close the till

### Phase 2: Prices
**Goal**: Prices are right

- [ ] 02-01-PLAN.md — Show prices

### Phase 3: Receipts
**Goal**: Receipts are printed

- [ ] 03-01-PLAN.md — Print
"""


def phase_file(identity: str, kind: str) -> str:
    """Return the path of a file of a plan."""
    return f"{PHASES}/{FOLDERS[identity[:2]]}/{identity}-{kind}.md"


def plan_text(wave: int = 0, depends: str = "", more: str = "") -> str:
    """Return a PLAN with some front matter."""
    lines = [f"wave: {wave}\n" if wave else "", f"depends_on: {depends}\n" if depends else "", more]
    return f"---\n{''.join(lines)}---\n"


def tree(
    roadmap: str, plans: Mapping[str, str], done: Sequence[str] = (), files: Mapping[str, str] | None = None
) -> FormatWorkspace:
    """Return a workspace with a ROADMAP, some PLANs by id, and the SUMMARYs of the plans that are done."""
    found = {".planning/ROADMAP.md": roadmap}
    found |= {phase_file(identity, "PLAN"): text for identity, text in plans.items()}
    found |= {phase_file(identity, "SUMMARY"): "done\n" for identity in done}
    return FormatWorkspace(FORMAT, found | dict(files or {}))
