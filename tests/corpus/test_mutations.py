"""Rewritten documents: no state becomes less cautious, and a diagnostic names text that Planmark cannot read.

The example workspace is tried with every rewriting, the real one with a few rewritings for each seed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from cautious import less_cautious
from conftest import EXAMPLES
from mutations import EXAMPLE
from planmark.cli.workspace_access import fresh_view
from planmark.queries.unchanged import answers_about_plan
from planmark.queries.workspace_view import View
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments
from rewritten import REWRITINGS, SETTINGS, Rewriting, Written

SEEDS = range(int(EXAMPLES or 2))
"""Seeds; each rewrites one document in every plan of the real workspace."""


class Workspace(NamedTuple):
    """A copy of a workspace with its words in the settings, and its answers before any rewriting."""

    index: Index
    before: View


class Mutant(NamedTuple):
    """A document of a plan that is rewritten; `now` is its new path."""

    plan: PlanDocuments
    was: str
    now: str
    rewriting: Rewriting
    text: str


def copied(source: Path, root: Path) -> Workspace:
    shutil.copytree(source, root)
    settings = root / "planmark.toml"
    own = settings.read_text(encoding="utf-8") if settings.exists() else ""
    settings.write_text(f"{own}\n{SETTINGS}", encoding="utf-8")
    index = Index(root)
    before = fresh_view(index)
    assert before.snapshot.problems == ()
    assert before.checked
    return Workspace(index, before)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return copied(EXAMPLE, tmp_path_factory.mktemp("example") / "workspace")


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return copied(shared / "context-manager", tmp_path_factory.mktemp("real") / "workspace")


def mutants(workspace: Workspace, rewritings: tuple[Rewriting, ...], rng: Random) -> list[Mutant]:
    """Choose for each plan one document that one of `rewritings` changes, if there is one."""
    found = []
    for plan in workspace.before.snapshot.plans:
        documents = [plan.document, *plan.subplans, *plan.executions, *plan.verdicts]
        tries = [(document.path, rewriting) for document in documents for rewriting in rewritings]
        for path, rewriting in rng.sample(tries, len(tries)):
            old = Written(
                path.rpartition("/")[2], (workspace.index.root / path).read_bytes().decode("utf-8", "replace")
            )
            new = rewriting.write(old, rng)
            now = path.removesuffix(old.name) + new.name
            if new != old and (now == path or not (workspace.index.root / now).exists()):
                found.append(Mutant(plan, path, now, rewriting, new.text))
                break
    return found


def rewritten(workspace: Workspace, changed: list[Mutant]) -> View:
    """Return the view of the workspace with all rewritten documents, and restore the documents."""
    root = workspace.index.root
    kept = {mutant.was: (root / mutant.was).read_bytes() for mutant in changed}
    for mutant in changed:
        (root / mutant.was).unlink()
        (root / mutant.now).write_bytes(mutant.text.encode("utf-8"))
    view = fresh_view(workspace.index)
    assert view.checked
    for mutant in changed:
        (root / mutant.now).unlink()
        (root / mutant.was).write_bytes(kept[mutant.was])
    return view


def named(view: View, path: str) -> set[tuple[str, str]]:
    return {(found.code, found.message) for found in view.diagnostics_at(path)}


def wrong(before: View, after: View, mutant: Mutant) -> Iterator[str]:
    """Yield each error after a rewriting, in words."""
    was, now = answers_about_plan(before, mutant.plan.path), answers_about_plan(after, mutant.plan.path)
    assert was is not None
    if was == now:
        return
    about = f"{mutant.now} ({mutant.rewriting.kind})"
    if mutant.rewriting.says == "same":
        yield f"{about}: it means the same, and changes {was} to {now}"
    for less in less_cautious(was, now):
        yield f"{about}: {less.where} was {less.was} and is {less.now}"
    # No check applies to the form of a stopped or archived plan, because its work is over: it stays complete.
    is_settled = was.lifecycle in ("stopped", "archived") and now is not None and was.state == now.state == "complete"
    found = (named(after, mutant.now) - named(before, mutant.was)) | (
        named(after, mutant.plan.path) - named(before, mutant.plan.path)
    )
    if mutant.rewriting.says == "doubt" and not found and not is_settled:
        yield f"{about}: it changes {was} to {now}, and no finding says why"


def violations(workspace: Workspace, changed: list[Mutant]) -> list[str]:
    after = rewritten(workspace, changed)
    return [text for mutant in changed for text in wrong(workspace.before, after, mutant)]


@pytest.mark.parametrize("rewriting", REWRITINGS, ids=lambda rewriting: rewriting.kind.replace(" ", "-"))
def test_a_rewriting_of_the_example_makes_no_state_less_cautious(example: Workspace, rewriting: Rewriting) -> None:
    rng = Random(rewriting.kind)
    for _ in range(int(EXAMPLES or 2)):
        changed = mutants(example, (rewriting,), rng)
        assert changed
        assert violations(example, changed) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_no_rewriting_of_the_real_workspace_makes_a_state_less_cautious(real: Workspace, seed: int) -> None:
    changed = mutants(real, REWRITINGS, Random(seed))
    assert changed
    assert violations(real, changed) == []


def test_the_workspace_is_as_before(example: Workspace) -> None:
    """Check that an undone rewriting leaves no trace in the index."""
    renaming = next(rewriting for rewriting in REWRITINGS if rewriting.kind == "name in small letters")
    after = rewritten(example, mutants(example, (renaming,), Random(0)))
    assert any(
        answers_about_plan(after, plan.path) != answers_about_plan(example.before, plan.path)
        for plan in after.snapshot.plans
    )
    again = fresh_view(example.index)
    assert [answers_about_plan(again, plan.path) for plan in again.snapshot.plans] == [
        answers_about_plan(example.before, plan.path) for plan in example.before.snapshot.plans
    ]
    assert again.diagnostics == example.before.diagnostics
