"""Any changes in any order: the cached output of the CLI equals the output of a process that reads everything."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from unittest import mock

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from planmark.cli import cached_result
from planmark.cli.main import main

PLAN = """# PLAN: {feature}

**Status**: In Progress

## 📋 Achievement Index

- Achievement 1.1: Vouchers
- Achievement 1.2: Coupons

**Achievement 1.1**: Vouchers

**Achievement 1.2**: Coupons

- **Dependencies**: 1.1
- **Deliverables**: `shop/vouchers.py`, `hidden/.keep/x.py`
"""
PATHS = [
    "plans/SALE/PLAN_SALE.md",
    "plans/TOUR/PLAN_TOUR.md",
    "plans/SALE/PLAN_TOUR.md",
    "plans/PLAN_GROUP.md",
    "plans/SALE/plan_sale.md",
    "archive/PLAN_SALE.md",
    "plans/SALE/parallel.json",
    "plans/SALE/subplans/SUBPLAN_SALE_11.md",
    "plans/TOUR/subplans/SUBPLAN_TOUR_11.md",
    "plans/TOUR/execution/feedbacks/APPROVED_11.md",
    "plans/TOUR/parallel.json",
    "plans/TOUR/subplans/SUBPLAN_GONE_12.md",
    "subplans/SUBPLAN_SALE_11.md",
    "plans/SALE/subplans/SUBPLAN_SALE_1.1.md",
    "plans/TOUR/execution/execution task 1.2.MD",
    "notes/fix 1.1.md",
    "plans/SALE/plan tour.md",
    "PLAN_V2.md",
    "plans/SALE/execution/EXECUTION_TASK_SALE_11_01.md",
    "plans/TOUR/execution/EXECUTION_TASK_GONE_11_01.md",
    "plans/SALE/execution/feedbacks/APPROVED_11.md",
    "plans/SALE/execution/feedbacks/FIX_11.md",
    "plans/execution/feedbacks/APPROVED_12.md",
    "plans/SALE/EXECUTION_CASE-STUDY_NOTES.md",
    "NORTH_STAR_SALE.md",
    "shop/vouchers.py",
    "hidden/.keep/x.py",
    ".gitignore",
    "plans/TOUR/.git",
    "planmark.toml",
    "pyproject.toml",
    "prompts/create_subplan.md.j2",
]
SNIPPETS = [
    PLAN.format(feature="SALE"),
    PLAN.format(feature="TOUR"),
    "# SUBPLAN\n\n**Plan**: PLAN_SALE.md\n**Achievement Addressed**: 1.1\n\n## Objective\n\nx\n\n",
    "# SUBPLAN\n\n**Plan**: PLAN_TOUR.md\n\n",
    "**Archive Location**: ./archive/\n",
    "**Status**: ✅ Complete\n",
    PLAN.format(feature="SALE") + "- **Needs**: @TOUR 1.1\n",
    PLAN.format(feature="TOUR") + "- **Blocks**: @SALE 1.1-1.2\n",
    '{"achievements": [{"achievement_id": "1.1", "dependencies": ["@TOUR 1.1"], "blocks": ["@TOUR 1.2"]}]}',
    "See `SUBPLAN_SALE_11.md` lines 40-50 and PLAN_GONE.md.\n",
    "- ✅ Achievement 1.1: Vouchers\n",
    "SALE\n",
    "TOUR\n",
    '{"achievements": [{"achievement_id": "1.2", "dependencies": ["1.1"]}]}',
    "plans/TOUR/\n",
    '[files]\nexclude = ["FIX_*"]\n',
    "[prompts]\ntokenBudget = 400\n",
    '[tool.planmark.lifecycle]\narchived = ["plans/SALE/"]\n',
    "\xff\n",
    "\0",
]
COMMANDS = [
    ("next", "@SALE"),
    ("next", "@SALE", "--json"),
    ("next", "@TOUR"),
    ("next",),
    ("next", "@SALE", "--step", "verify"),
    ("next", "--ignore-claims", "@SALE", "--achievement", "1.2"),
    ("status",),
    ("status", "--json"),
    ("status", "@SALE"),
]
SETTLED_SECONDS = 0.025
"""Delay, in seconds, after which a further change gets a different time from the clock."""
_MS = re.compile(r'"ms": [\d.]+,\n    "cached": \w+')


class Answering(RuleBasedStateMachine):
    """One cache folder that holds cached output, and a workspace that changes between the commands."""

    hits = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="planmark-")).resolve()
        self.root = self.folder / "ws"

    @initialize()
    def begin(self) -> None:
        for path, feature in zip(PATHS[:2], ("SALE", "TOUR"), strict=True):
            self._write(path, PLAN.format(feature=feature).encode())

    @rule(path=st.sampled_from(PATHS), text=st.lists(st.sampled_from(SNIPPETS), max_size=3).map("".join))
    def somebody_writes(self, path: str, text: str) -> None:
        self._write(path, text.encode("latin-1") if "\xff" in text and text.isascii() else text.encode())

    @rule(path=st.sampled_from(PATHS))
    def somebody_changes_a_letter(self, path: str) -> None:
        file = self.root / path
        if file.is_file() and os.name != "nt":
            times = file.stat()
            file.write_bytes(file.read_bytes().swapcase())
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    @rule(path=st.sampled_from(PATHS))
    def somebody_deletes(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)

    @rule(old=st.sampled_from(PATHS), new=st.sampled_from(PATHS))
    def somebody_renames(self, old: str, new: str) -> None:
        if (self.root / old).exists() and not (self.root / new).exists():
            (self.root / new).parent.mkdir(parents=True, exist_ok=True)
            (self.root / old).rename(self.root / new)

    @rule(folder=st.sampled_from(["plans/SALE", "plans/TOUR", "plans/SALE/execution", "shop"]))
    def a_folder_goes(self, folder: str) -> None:
        shutil.rmtree(self.root / folder, ignore_errors=True)

    @rule(path=st.sampled_from(PATHS), to=st.sampled_from(PATHS))
    def somebody_links(self, path: str, to: str) -> None:
        file = self.root / path
        if os.name != "nt" and not file.exists() and not file.is_symlink():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.symlink_to(self.root / to)

    @rule(command=st.sampled_from(COMMANDS), other=st.sampled_from(COMMANDS))
    def somebody_asks(self, command: tuple[str, ...], other: tuple[str, ...]) -> None:
        time.sleep(SETTLED_SECONDS)
        for wanted in (command, other, command):
            assert self._said(wanted, "kept") == self._said(wanted, "none")
            shutil.rmtree(self.folder / "none", ignore_errors=True)

    def _said(self, command: tuple[str, ...], cache: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        replay_cached = cached_result.replay_cached

        def counted(arguments: tuple[str, ...]) -> int | None:
            code = replay_cached(arguments)
            Answering.hits += code is not None
            return code

        with (
            mock.patch.dict(os.environ, {"PLANMARK_CACHE": str(self.folder / cache)}),
            mock.patch.object(cached_result, "replay_cached", counted),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = main(("--workspace", str(self.root), *command), use_cache=True)
        return code, _MS.sub("", out.getvalue()), err.getvalue()

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, path: str, content: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        if not (self.root / path).is_dir():
            (self.root / path).write_bytes(content)


EXAMPLES = max(10, int(os.environ.get("PLANMARK_EXAMPLES", "0")) // 4)
Answering.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=15)
TestAnswering = Answering.TestCase


def test_some_answers_were_kept() -> None:
    machine = Answering()
    machine.begin()
    before = Answering.hits
    machine.somebody_asks(COMMANDS[0], COMMANDS[7])
    machine.teardown()
    assert Answering.hits == before + 1
