"""Lines with every kind of problem, and the application of all their fixes."""

from __future__ import annotations

from pathlib import Path

from planmark.cli.apply_fixes import FixOptions, FixRun, apply_document_fixes
from planmark.workspace.index import Index

BROKEN = (
    "- [X] done\n",
    "- [] open\n",
    "* [x ] half\n",
    "- ✅ Achievement 1.1: A\n",
    "- Achievement 1.2: B\n",
    "**Achievement 1.1: A**\n",
    "### Achievement 1.2: B\n",
    "**Achievement 1.1**: A\n",
    "**Status**: In Progres\n",
    "**Status**: 📋 Planning\n",
    "**Status**: ✅ Complete\n",
    "**Plan**: PAY\n",
    "**Achievement**: 1.2\n",
    "**Status**：✅ \u0421omplete\n",
    "- Achievement １.１：A\n",
    "**Achievement 1.\u200b3**: C\n",
    "## Achievement Index\n",
    "## Current Status & Handoff\n",
    "**Next**: Achievement 1.1\n",
    "⏳ Next: Achievement 7.7: Gone\n",
    "- **SUBPLANs**: 9 created\n",
    "- **EXECUTION_TASKs**: 0 created\n",
    "## Active EXECUTION_TASKs\n",
    "| EXECUTION | Status | Notes |\n| --- | --- | --- |\n| 11_01 | x |\n| 11_02 | a | b | c |\n",
    "## Completion Status\n- [x] all\n",
    "```\n",
    "~~~\n",
    "## " + "🎯".encode().decode("mac_roman") + " Goal\n",
    "See `SUBPLAN_PAY_77.md` and SUBPLAN_PAY_11.md (lines 1-999).\n",
    "[TO BE FILLED: x]\n",
    "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n",
    "<!-- planmark: ignore checkbox-form -->\n",
    "\n",
    "text\r\n",
    "# Title\n",
)


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def fix_all(root: Path) -> FixRun:
    return apply_document_fixes(Index(root), FixOptions(lambda _: True), quiet=True)
