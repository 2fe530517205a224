"""Comparison of what the tools of superpowers and GSD say about real workspaces with what Planmark reads."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY
from corpus.format_scores import inputs, load
from planmark.plans.format import PlanInput
from planmark.plans.model import Count, NextStep
from planmark.plans.registry import format_named


def said_by_tools(name: str) -> Iterator[tuple[dict[str, Any], dict[str, PlanInput]]]:
    """Yield what the tool says about each workspace of a format, and the inputs of its plans by path."""
    named = os.environ.get("PLANMARK_CORPUS")
    folder = (Path(named) if named else REPOSITORY.parent / "shared" / "corpus") / "formats" / name
    if not folder.is_dir():
        pytest.skip(f"the labelled workspaces of other formats are not present: {folder}")
    for path in sorted(folder.glob("*.tool.json")):
        workspace = load(folder / path.name.removesuffix(".tool.json"))
        said = json.loads(path.read_text(encoding="utf-8"))
        yield said, {given.site.path: given for given in inputs(workspace, name)}


def test_tasks_that_task_brief_misses_or_mixes_up_are_whole() -> None:
    superpowers, results = format_named("superpowers"), Counter[str]()
    for said, plans in said_by_tools("superpowers"):
        for plan in said["plans"]:
            for task in plan["tasks"]:
                results[task["result"]] += 1
                given = plans[plan["path"]]
                state = superpowers.evaluate(given)
                (item,) = [one for one in state.achievements if one.line == task["line"]]
                if task["result"] == "ok":
                    continue
                step = NextStep("implement_task", None, "executor", 2, None, "asked for", item.ref)
                read = [one for one in superpowers.prompt(given, state, step).passages if one.path == given.site.path]
                own = [one for one in read if one.why in ("the task with all its steps", "the step")]
                assert min(one.start for one in own) == task["line"]
                assert not {line for one in own for line in range(one.start, one.end + 1)} & set(task.get("other", ()))
    # The table in docs/formats/superpowers.md has these numbers.
    assert results == {"ok": 299, "not-found": 70, "checklist-included": 5, "other-task-included": 1}


def test_the_count_of_gsd_is_shown_where_it_differs() -> None:
    gsd, differing = format_named("gsd"), 0
    for said, plans in said_by_tools("gsd"):
        counted = said["progress json"]["out"]
        (site,) = [path for path in plans if "/milestones/" not in path]
        progress = gsd.evaluate(plans[site]).progress
        assert progress is not None
        own, tool = Count(progress.done, progress.total), Count(counted["total_summaries"], counted["total_plans"])
        assert (progress.tool or own) == tool
        differing += own != tool
    assert differing == 3
