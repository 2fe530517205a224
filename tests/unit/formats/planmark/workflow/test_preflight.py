"""Preflight: what files prove against an achievement before its review, and what nearly does."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.formats.planmark.rules.preflight import TOPIC
from planmark.plans.preflight import PREFLIGHT_CODES, PreflightFinding
from planmark.queries.preflight import findings_before_review, preflight_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from reviewed import HOME, PLAN, REVIEWS, SUBPLAN, TASK, work

CONFLICT = "<<<<<<< HEAD\nA\n=======\nB\n>>>>>>> other"
FENCE = "```bash\npytest tests/test_till.py\n```"

CASES: dict[str, tuple[str, dict[str, str], str]] = {
    "a missing file": ("deliverable-missing", work(delivers="- `src/till.py`"), SUBPLAN),
    "a file elsewhere, under a path": (
        "deliverable-missing",
        work(delivers="- `docs/Till.md`", files=("other/Till.md",)),
        SUBPLAN,
    ),
    "a missing folder": ("deliverable-missing", work(delivers="- `src/tills/`"), SUBPLAN),
    "a pattern without its folder": ("deliverable-missing", work(delivers="- `src/tills/*.py`"), SUBPLAN),
    "complete without a deliverable": ("status-contradicts-files", work(delivers="- `src/till.py`"), TASK),
    "ready with a log": ("status-contradicts-files", work(status="Ready", completion="- [ ] A"), TASK),
    "two statuses that differ": (
        "status-contradicts-files",
        work(status="In Progress", completion="- [ ] A", last="Planning"),
        TASK,
    ),
    "a SUBPLAN that was not begun": ("status-contradicts-files", work(design="Not Started"), SUBPLAN),
    "blocked by nothing": (
        "status-contradicts-files",
        work(status="Blocked", log="We are unblocked since noon."),
        TASK,
    ),
    "an open box": ("criteria-open", work(completion="- [x] A\n- [ ] B"), TASK),
    "a half box": ("criteria-open", work(completion="- [~] B"), TASK),
    "learnings to be filled": ("learnings-empty", work(learnings="[To be filled by executor]"), TASK),
    "learnings that are announced": ("learnings-empty", work(learnings="*To be filled after completion.*"), TASK),
    "learnings that are nothing": ("learnings-empty", work(learnings=""), TASK),
    "a log that was only begun": ("log-empty", work(log="### Iteration 1\n\n**Result**: begun"), TASK),
    "a log that is nothing": ("log-empty", work(log=""), TASK),
    "a placeholder": ("placeholder-left", work(log="[TO BE FILLED: what was tried]"), TASK),
    "an unfinished merge": ("merge-conflict", work(log=CONFLICT), TASK),
    "an unfinished merge of the design": ("merge-conflict", work(tests=CONFLICT), SUBPLAN),
    "tests in a command": ("test-missing", work(tests=FENCE, log="12 passed"), SUBPLAN),
    "tests in backticks": ("test-missing", work(tests="- `tests/till_test.go` has six"), SUBPLAN),
    "a script": ("test-missing", work(tests="`checks/try.sh`"), SUBPLAN),
    "no result": ("evidence-missing", work(tests="`npm test`"), TASK),
    "no result of a block": ("evidence-missing", work(tests=FENCE, files=("tests/test_till.py",)), TASK),
}

NEAR_MISSES: dict[str, tuple[str, dict[str, str]]] = {
    "it is there": ("deliverable-missing", work(delivers="- `src/till.py`", files=("src/till.py",))),
    "it is below the plan": ("deliverable-missing", work(delivers="- `docs/T.md`", files=(f"{HOME}/docs/T.md",))),
    "its bare name is elsewhere": ("deliverable-missing", work(delivers="- `Till.md`", files=("other/Till.md",))),
    "a folder that is there": ("deliverable-missing", work(delivers="- `src/`", files=("src/till.py",))),
    "a pattern in its folder": ("deliverable-missing", work(delivers="- `src/*.py`", files=("src/till.py",))),
    "outside the workspace": ("deliverable-missing", work(delivers="- `../other/till.py` and `/etc/till.conf`")),
    "a home folder": ("deliverable-missing", work(delivers="- `~/till.toml`")),
    "code, not a file": ("deliverable-missing", work(delivers="- calls `cache.clear`")),
    "its bare name is in a folder of guides": (
        "deliverable-missing",
        work(delivers="- Updated `TILL-GUIDE.md`", files=("LLM/guides/TILL-GUIDE.md",)),
    ),
    "the old place of a file that moves": (
        "deliverable-missing",
        work(delivers="- Source: `old/till.py`\n- Target: `src/till.py`", files=("src/till.py",)),
    ),
    "it goes": ("deliverable-missing", work(delivers="- delete `src/old.py`")),
    "a stale header beside a complete end": (
        "status-contradicts-files",
        work(status="🚧 In Progress", completion="- [x] A", last="✅ Complete"),
    ),
    "ready without a log": ("status-contradicts-files", work(status="Ready", log="")),
    "blocked until it is resolved": (
        "status-contradicts-files",
        work(status="Blocked", log="Wait until the blocker is resolved."),
    ),
    "boxes of an iteration": ("criteria-open", work(log="### Iteration 1\n\n- [ ] an idea")),
    "a box about the review": ("criteria-open", work(completion="- [x] A\n- [ ] Reviewed and approved")),
    "a box that does not apply": ("criteria-open", work(completion="- [x] A\n- [ ] Tests pass: N/A, only prose")),
    "learnings": ("learnings-empty", work(learnings="- Warm it up.")),
    "no section for learnings": ("learnings-empty", {**work(), TASK: "# TASK\n\n**Status**: Done\n"}),
    "no section for a log": ("log-empty", {**work(), TASK: "# TASK\n\n**Status**: Done\n"}),
    "iterations beside the log": ("log-empty", work(log="## Iteration 1\n\nDone.")),
    "a placeholder in code": ("placeholder-left", work(log="```\n[TO BE FILLED: x]\n```")),
    "a merge in code": ("merge-conflict", work(log=f"```\n{CONFLICT}\n```")),
    "tests that are there": ("test-missing", work(tests=FENCE, files=("tests/test_till.py",))),
    "tests that are elsewhere": ("test-missing", work(tests=FENCE, files=("server/tests/test_till.py",))),
    "tests that go": ("test-missing", work(tests="remove `tests/test_old.py`")),
    "the code under test": ("test-missing", work(tests="covers `src/till.py`")),
    "tests in prose": ("evidence-missing", work(tests="Try the till by hand.")),
    "a line with a result": ("evidence-missing", work(tests="`npm test`", log="`npm test`: 4 passed")),
    "a block in the log": ("evidence-missing", work(tests="`npm test`", log="```\n$ npm test\nok\n```")),
    "code of another language": ("evidence-missing", work(tests="```python\ntest = 1\n```")),
}


def view_of(root: Path, files: dict[str, str]) -> View:
    write_files(root, files)
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def found(root: Path, files: dict[str, str]) -> list[PreflightFinding]:
    """Return what preflight finds, after a check that the last scan and the disk give the same."""
    view = view_of(root, files)
    plan = view.snapshot.plans[0]
    (known,) = view.evaluations[plan.path].state.achievements
    findings = preflight_of(view, plan, known)
    assert findings == preflight_of(view, plan, known, view.exists)
    return list(findings)


@pytest.mark.parametrize("name", CASES)
def test_what_preflight_finds(tmp_path: Path, name: str) -> None:
    code, files, path = CASES[name]
    findings = found(tmp_path, files)
    assert (code, path) in [(finding.code, finding.path) for finding in findings], findings
    lines = files[path].split("\n")
    assert all(0 < finding.line <= len(files[finding.path].split("\n")) for finding in findings), lines


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_what_it_does_not(tmp_path: Path, name: str) -> None:
    code, files = NEAR_MISSES[name]
    assert code not in [finding.code for finding in found(tmp_path, files)]


def test_every_code_has_both() -> None:
    assert {code for code, *_ in CASES.values()} == {code for code, _ in NEAR_MISSES.values()} == set(PREFLIGHT_CODES)
    assert {check.code for check in TOPIC.codes} <= set(PREFLIGHT_CODES)


def test_nothing_is_found_in_good_work(tmp_path: Path) -> None:
    files = work(delivers="- `src/till.py`", tests=FENCE, log="12 passed", files=("src/till.py", "tests/test_till.py"))
    assert found(tmp_path, files) == []


@pytest.mark.parametrize(
    "off",
    [
        {"planmark.toml": '[diagnostics.severity]\ncriteria-open = "off"\n'},
        {"planmark.toml": '[diagnostics.ignore]\n"work-space/**" = ["criteria-open"]\n'},
        {TASK: "<!-- planmark: ignore criteria-open -->\n" + work(completion="- [ ] A")[TASK]},
    ],
    ids=["setting", "path", "comment"],
)
def test_a_check_can_be_turned_off(tmp_path: Path, off: dict[str, str]) -> None:
    files = {**work(completion="- [ ] A"), **off}
    assert found(tmp_path, files) == []
    assert "unused-suppression" not in [d.code for d in view_of(tmp_path, files).diagnostics]


def test_a_file_is_reported_once(tmp_path: Path) -> None:
    files = work(delivers="- `tests/test_till.py`\n- `./tests/test_till.py`", tests=FENCE, log="12 passed")
    assert [f.code for f in found(tmp_path, files)] == ["deliverable-missing", "status-contradicts-files"]


def test_only_work_that_waits_for_a_review_is_due(tmp_path: Path) -> None:
    for status, is_due in (("✅ Complete", True), ("🚧 In Progress", False)):
        view = view_of(tmp_path, work(status=status, completion="- [ ] A", last=status))
        plan = view.snapshot.plans[0]
        (known,) = view.evaluations[plan.path].state.achievements
        assert bool(preflight_of(view, plan, known)) and bool(findings_before_review(view, plan, known)) is is_due


@pytest.mark.parametrize("name", REVIEWS)
def test_what_a_reviewer_said_is_known_before(tmp_path: Path, name: str) -> None:
    findings = found(tmp_path, REVIEWS[name].files)
    for issue in REVIEWS[name].issues:
        if issue.found:
            code, part = issue.found
            assert any(f.code == code and part in f.message for f in findings), (issue, findings)


def test_at_least_half_of_the_issues_are() -> None:
    issues = [issue for review in REVIEWS.values() for issue in review.issues]
    assert len(issues) == 41
    assert sum(issue.found is not None for issue in issues) * 2 >= len(issues)
    assert PLAN in next(iter(REVIEWS.values())).files
