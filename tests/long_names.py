"""A workspace with two PLANs whose names differ only at their ends, for tests of tables."""

from __future__ import annotations

from pathlib import Path

from fixture import write_files

FEATURE = "CHECKOUT-FLOW-PAYMENT-PROVIDER-REFACTOR"
OTHER = "CHECKOUT-FLOW-PAYMENT-PROVIDER-RESEARCH"
PLAN = (
    "# PLAN: {0}\n\n**Status**: In Progress\n\n## Achievement Index\n\n- Achievement 1.1: {1}\n- Achievement 1.2: Two\n"
)
TITLE = "Every provider answers within its time-out, or the basket says why it does not"


def write_long_names(root: Path) -> None:
    """Write the two PLANs, and a SUBPLAN of the first one."""
    files = {f"plans/{name}/PLAN_{name}.md": PLAN.format(name, TITLE) for name in (FEATURE, OTHER)}
    files[f"plans/{FEATURE}/subplans/SUBPLAN_{FEATURE}_11.md"] = "# SUBPLAN\n\n## Objective\n\nDo it.\n"
    write_files(root, files)
