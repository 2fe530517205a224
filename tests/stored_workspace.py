"""A workspace in which no file has changed for a while, for tests of the store."""

from __future__ import annotations

import os
from pathlib import Path

from fixture import settle, write_files

FILES = {
    "plans/PAY/PLAN_PAY.md": "**Status**: In Progress\n\n**Achievement 1.1**: Refunds\n\nSee SUBPLAN_PAY_12.md.\n",
    "plans/PAY/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN\n\n**Achievement Addressed**: 1.1\n\n## Approach\n\n- x\n",
    "plans/PAY/execution/feedbacks/APPROVED_11.md": "# APPROVED 1.1\n\n**Status**: Approved\n",
    "plans/PAY/parallel.json": '{"achievements": []}',
}
LONG_AGO = 1_600_000_000_123_456_789


def write_stored(root: Path) -> Path:
    """Write the files with old times, and return the root."""
    write_files(root, FILES)
    for path in FILES:
        os.utime(root / path, ns=(LONG_AGO, LONG_AGO))
    return settle(root)
