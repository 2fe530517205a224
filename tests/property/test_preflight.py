"""Preflight over random workspaces: it names lines that exist, and no state and no next step depends on it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workspaces.small import workspace
from fixture import write_files
from planmark.plans.model import PlanState
from planmark.plans.preflight import PREFLIGHT_CODES
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.preflight import preflight_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from reviewed import work

OFF = "[diagnostics.severity]\n" + "".join(f'{code} = "off"\n' for code in PREFLIGHT_CODES)
LINES = st.sampled_from(
    [
        *("- [ ] A", "- [x] B", "[TO BE FILLED: x]", "**Status**: Ready", "12 passed", "`src/a.py`", "- `docs/*.md`"),
        *(
            "```bash\npytest tests/test_a.py\n```",
            "<<<<<<< HEAD",
            "=======",
            ">>>>>>> x",
            "### Iteration 2",
            "## Notes",
            "",
        ),
        *(
            "The blocker is resolved.",
            "*To be filled.*",
            "- `../out.py`",
            "**Result**: begun",
            "`~/a.toml`",
            "text é 🎯",
        ),
    ]
)
TEXTS = st.lists(LINES, max_size=6).map("\n\n".join)
STATUSES = st.sampled_from(["✅ Complete", "Ready", "In Progress", "⛔ Blocked", "Failed", "Not Started", "[a / b]"])


def view_of(root: Path, files: dict[str, str]) -> View:
    write_files(root, files)
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def judged(view: View) -> dict[str, PlanState]:
    return {plan.path: view.evaluations[plan.path].state for plan in view.snapshot.plans}


def examine(root: Path, files: dict[str, str]) -> None:
    view = view_of(root, files)
    before = judged(view)
    for plan in view.snapshot.plans:
        for known in before[plan.path].achievements:
            found = preflight_of(view, plan, known)
            assert found == preflight_of(view, plan, known, view.exists)
            assert list(found) == list(dict.fromkeys(found))
            for finding in found:
                assert 1 <= finding.line <= len(view.text(finding.path).split("\n"))
                assert finding.code in PREFLIGHT_CODES and finding.message
            try:
                prompt = prompt_of(view, plan, known.id)
            except NoAnswerError:
                continue
            assert prompt.step == known.step or prompt.step == before[plan.path].next.step
    assert judged(view) == before
    silent = view_of(root, {**files, "planmark.toml": OFF})
    assert judged(silent) == before
    for plan in silent.snapshot.plans:
        assert not any(preflight_of(silent, plan, known) for known in before[plan.path].achievements)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_no_planted_state_depends_on_it(tmp_path_factory: object, seed: int) -> None:
    examine(tmp_path_factory.mktemp("planted"), dict(workspace(seed).files))  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(TEXTS, STATUSES, TEXTS, STATUSES, TEXTS, TEXTS, TEXTS)
def test_no_state_of_any_work_depends_on_it(
    tmp_path_factory: object,
    delivers: str,
    design: str,
    tests: str,
    status: str,
    log: str,
    learnings: str,
    completion: str,
) -> None:
    files = work(
        delivers=delivers,
        design=design,
        tests=tests,
        status=status,
        log=log,
        learnings=learnings,
        completion=completion,
    )
    examine(tmp_path_factory.mktemp("work"), files)  # type: ignore[attr-defined]
