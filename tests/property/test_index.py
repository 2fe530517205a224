"""Any changes in any order: the cached state of an index equals the state of an index that reads everything again."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from planmark.formats.planmark.editor.navigation import mentions_of_target
from planmark.formats.planmark.editor.references import DocumentTarget
from planmark.formats.planmark.editor.rename import rename_feature
from planmark.ide.features import AchievementTarget, RenameRefusedError
from planmark.prompts.cache import PromptCache
from planmark.queries.next import prompt_of
from planmark.queries.persistent_index import open_index, save
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

PLAN = """# PLAN: {feature}

**Status**: In Progress

## 📋 Achievement Index

- Achievement 1.1: Refunds
- Achievement 1.2: Receipts

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts

- **Dependencies**: 1.1
- **Deliverables**: `shop/pay.py`, `NOTES.md`
"""
PATHS = [
    "plans/PAY/PLAN_PAY.md",
    "plans/TILL/PLAN_TILL.md",
    "plans/PAY/PLAN_TILL.md",
    "plans/PLAN_GROUP.md",
    "plans/PAY/plan_pay.md",
    "plans/PAY/PLAN_OLD-PAY.md",
    "archive/PLAN_PAY.md",
    "plans/PAY/parallel.json",
    "plans/PAY/subplans/SUBPLAN_PAY_11.md",
    "plans/PAY/subplans/SUBPLAN_OLD-PAY_11.md",
    "plans/TILL/subplans/SUBPLAN_TILL_11.md",
    "plans/PAY/subplans/SUBPLAN_TILL_12.md",
    "subplans/SUBPLAN_PAY_11.md",
    "plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md",
    "plans/PAY/execution/EXECUTION_TASK_GONE_11_01.md",
    "plans/PAY/execution/feedbacks/APPROVED_11.md",
    "plans/PAY/execution/feedbacks/approved_1.1.md",
    "plans/PAY/execution/feedbacks/FIX_11.md",
    "plans/PAY/execution/feedbacks/FIX_11_RESOLUTION.md",
    "plans/execution/feedbacks/APPROVED_12.md",
    "plans/PAY/APPROVED_11.md",
    "plans/PAY/subplans/SUBPLAN_PAY_1.1.md",
    "plans/PAY/subplans/subplan 12.MD",
    "plans/PAY/execution/execution-task_1.1.markdown",
    "plans/PAY/execution/feedbacks/REJECTED_11.md",
    "plans/FIX-1.2.md",
    "notes/SUBPLAN_TILL_1.2.md",
    "notes/fix-11.md",
    "PLAN_V2.md",
    "subplans/SUBPLAN_V2_11.md",
    "plans/plan till.md",
    "plans/PAY/EXECUTION_CASE-STUDY_NOTES.md",
    "NORTH_STAR_PAY.md",
]
OTHERS = ["shop/pay.py", "NOTES.md", "plans/NOTES.md", ".gitignore", "planmark.toml"]
SNIPPETS = [
    PLAN.format(feature="PAY"),
    PLAN.format(feature="TILL"),
    "# SUBPLAN\n\n**Plan**: PLAN_PAY.md\n**Achievement Addressed**: 1.1\n\n",
    "# SUBPLAN\n\n**Plan**: PLAN_TILL.md\n\n",
    "**Archive Location**: ./archive/\n",
    "**Plan**: PLAN_plan-till.md\n**Achievement**: 1.2\n",
    "**Created**: 2026-01-02\n",
    "**Status**: ✅ Complete\n",
    "**Review Date**: 2026-03-01\n",
    "See `SUBPLAN_PAY_11.md` lines 40-50, PLAN_GONE.md and SUBPLAN_PAY_12.md.\n",
    "<!-- planmark: ignore reference-missing -->\n",
    "- ✅ Achievement 1.1: Refunds\n",
    "- **Dependencies**: 9.9\n",
    "\n- **Needs**: @TILL 1.1\n",
    "\n- **Blocked by**: PLAN_PAY 1.1-1.2\n",
    "\n- **Blocks**: @TILL 1.2, @PAY 1.1, @OLD-PAY 1.1\n",
    "[TO BE FILLED: x]\n",
    "```\n",
    "PAY and TILL\n",
    "Achievement 1.1 of PLAN_TILL; plans/PAY/execution/feedbacks/APPROVED_11.md and @TILL.\n",
    '{"achievements": [{"achievement_id": "1.2", "dependencies": ["1.1"]}]}',
    '{"achievements": [{"achievement_id": "1.1", "dependencies": ["@TILL 1.2"], "blocks": ["@TILL 1.1"]}]}',
    "plans/TILL/\n",
    '[files]\nexclude = ["FIX_*"]\n',
    '[lifecycle]\narchived = ["archive/"]\n',
    "\r\n",
]
paths = st.sampled_from(PATHS)
any_path = st.sampled_from([*PATHS, *OTHERS])
texts = st.lists(st.sampled_from(SNIPPETS), max_size=4).map("".join)


class Changing(RuleBasedStateMachine):
    """One index that is told of some changes and finds the others when it scans."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="planmark-")).resolve()
        self.held: dict[str, str] = {}
        self.view: View | None = None
        self.prompts = PromptCache()

    @initialize()
    def begin(self) -> None:
        for path, feature in zip(PATHS[:2], ("PAY", "TILL"), strict=True):
            self._write(path, PLAN.format(feature=feature))
        self.index = open_index(self.root)

    @rule(saved=st.booleans())
    def a_process_ends_and_another_one_begins(self, saved: bool) -> None:
        if saved and self.view is not None:
            save(self.index, self.view)
        if self.index.entries.store:
            self.index.entries.store.close()
        self.index, self.view, self.prompts = open_index(self.root), None, PromptCache()
        for path, text in self.held.items():
            self.index.set_overlay(path, text)

    @rule(path=any_path, text=texts, told=st.booleans())
    def somebody_writes(self, path: str, text: str, told: bool) -> None:
        self._write(path, text)
        if told:
            self._tell(path)

    @rule(path=any_path, told=st.booleans())
    def somebody_deletes(self, path: str, told: bool) -> None:
        (self.root / path).unlink(missing_ok=True)
        if told:
            self._tell(path)

    @rule(path=any_path, text=texts, in_place=st.booleans())
    def somebody_replaces_with_the_same_size_and_time(self, path: str, text: str, in_place: bool) -> None:
        """Replace a file as an archive with normalised times, an image layer, or `rsync -t` does."""
        target = self.root / path
        if not target.exists():
            return
        before = target.stat()
        data = text.encode()[: before.st_size].ljust(before.st_size, b"\n")
        if in_place:
            target.write_bytes(data)
        else:
            other = self.root / "coming"
            other.write_bytes(data)
            other.replace(target)
        os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(old=any_path, new=any_path)
    def somebody_renames(self, old: str, new: str) -> None:
        if (self.root / old).exists() and not (self.root / new).exists():
            (self.root / new).parent.mkdir(parents=True, exist_ok=True)
            (self.root / old).rename(self.root / new)
            self._tell(old, new)

    @rule(folder=st.sampled_from(["plans/PAY", "plans/TILL", "plans/PAY/execution"]))
    def a_folder_goes(self, folder: str) -> None:
        shutil.rmtree(self.root / folder, ignore_errors=True)

    @rule(path=paths, text=texts)
    def the_editor_holds(self, path: str, text: str) -> None:
        self.held[path] = text
        self.index.set_overlay(path, text)

    @rule(path=paths)
    def the_editor_lets_go(self, path: str) -> None:
        if self.held.pop(path, None) is not None:
            self.index.set_overlay(path, None)

    @invariant()
    def it_is_as_if_read_again(self) -> None:
        self.view = build_view(
            self.index.refresh(), self.index.text_reader(), self.index.parsed_count, self.view, exists=self.index.exists
        )
        fresh = Index(self.root)
        for path, text in self.held.items():
            fresh.set_overlay(path, text)
        read_again = build_view(fresh.refresh(), fresh.text_reader(), fresh.parsed_count, exists=fresh.exists)
        assert _said(self.view, self.prompts) == _said(read_again, None)
        # The fresh index has not computed which documents each text mentions, so it reads all texts.
        assert (
            set(self.view.snapshot.mentioned_words) == set(self.view.snapshot.paths)
            and not read_again.snapshot.mentioned_words
        )
        assert _named(self.view) == _named(read_again)

    def teardown(self) -> None:
        if self.index.entries.store:
            self.index.entries.store.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def _write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(text.encode())

    def _tell(self, *changed: str) -> None:
        self.index.mark_stale(changed)
        self.view = build_view(self.index.snapshot(), self.index.text_reader(), 0, self.view, exists=self.index.exists)


def _said(view: View, prompts: PromptCache | None) -> dict[str, Any]:
    """Return states, diagnostics, prompts, and the owner of each document."""
    snapshot = view.snapshot
    documents = snapshot.documents
    plans = [files for files in snapshot.plans if view.evaluations[files.path].state.state != "complete"]
    return {
        "paths": snapshot.paths,
        "names": dict(snapshot.names),
        "documents": dict(documents),
        "owners": dict(snapshot.owners),
        "plans": snapshot.plans,
        "rest": (snapshot.not_plans, snapshot.orphans, snapshot.strays, snapshot.misnamed, snapshot.problems),
        "evaluations": [view.evaluations[files.path] for files in snapshot.plans],
        "about": {path: about.id for path in documents if (about := view.achievement_of(path))},
        "findings": view.diagnostics,
        "prompts": [prompt_of(view, files, cache=prompts).prompt for files in plans],
    }


def _named(view: View) -> dict[object, list[object]]:
    """Return the references to each achievement and document, and the changes of a rename of each feature."""
    achievements = [
        AchievementTarget(files, state)
        for files in view.snapshot.plans
        for state in view.evaluations[files.path].state.achievements
    ]
    found: dict[object, list[object]] = {
        (target.plan.path, target.state.id): list(mentions_of_target(view, target)) for target in achievements
    }
    found |= {path: list(mentions_of_target(view, DocumentTarget(path))) for path in view.snapshot.paths}
    for files in view.snapshot.plans:
        with suppress(RenameRefusedError):
            found["rename", files.path] = list(rename_feature(view, files, "BRAND-NEW"))
    return found


EXAMPLES = max(15, int(os.environ.get("PLANMARK_EXAMPLES", "0")) // 4)
Changing.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=25)
TestChanging = Changing.TestCase
