"""A plan of superpowers whose tasks name files, commits and line ranges."""

from __future__ import annotations

from collections.abc import Mapping

from planmark.formats.superpowers import FORMAT
from planmark.plans.history import Commit, History
from unit.formats.format_workspace import FormatWorkspace

PLAN = "docs/superpowers/plans/2026-03-01-rain-gauge.md"


FEATURE = "2026-03-01-rain-gauge"


TEXT = """# Rain Gauge Implementation Plan

### Task 1: Read the sensor

**Files:**
- Create: `gauge/sensor.py`
- Modify: `gauge/main.py:12-40`

- [ ] **Step 1: Write it**
- [ ] **Step 2: Commit**

```bash
git add gauge
git commit -m "feat: read the sensor"
```

### Task 2: Draw a curve

- Modify: `gauge/curve.py:7`

- [ ] **Step 1: Write it**

Run: `git commit -am 'feat: draw a curve'`
"""


def workspace(
    commits: tuple[Commit, ...] = (),
    lengths: Mapping[str, int] | None = None,
    others: tuple[str, ...] = (),
    *,
    text: str = TEXT,
    unknown: str = "",
) -> FormatWorkspace:
    made = FormatWorkspace(FORMAT, {PLAN: text}, [*(lengths or {}), *others])
    made.lengths.update(lengths or {})
    made.history = History(commits, unknown)
    return made
