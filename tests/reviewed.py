"""Eight reviews that sent work back, rebuilt in other words: the work as it was, and every issue of the review.

Each issue names the finding of preflight that would have said it before the review: its code and the end of its
message's subject, or None if files alone cannot prove it.
"""

from __future__ import annotations

from typing import NamedTuple

HOME = "work-space/plans/SHOP"
PLAN = f"{HOME}/PLAN_SHOP.md"
SUBPLAN = f"{HOME}/subplans/SUBPLAN_SHOP_11.md"
TASK = f"{HOME}/execution/EXECUTION_TASK_SHOP_11_01.md"


class ReviewIssue(NamedTuple):
    """An issue of a review, and the preflight finding (code, part of the message or "") that says it; or None."""

    says: str
    found: tuple[str, str] | None = None


class Reviewed(NamedTuple):
    """A workspace before its review, and the issues that the reviewer found."""

    files: dict[str, str]
    issues: tuple[ReviewIssue, ...]


def work(
    *,
    delivers: str = "",
    design: str = "🚧 In Progress",
    tests: str = "",
    status: str = "✅ Complete",
    log: str = "Tried it, it works.",
    learnings: str = "The till needs a warm start.",
    completion: str = "- [x] The deliverables exist",
    last: str = "",
    files: tuple[str, ...] = (),
) -> dict[str, str]:
    """Return a workspace with one achievement, its SUBPLAN and one execution. `files` exist besides."""
    end = f"\n**Execution Status**: {last}\n" if last else ""
    return {
        PLAN: "# PLAN: Shop\n\n**Status**: In Progress\n\n**Achievement 1.1**: The till\n\n- Success: it rings\n",
        SUBPLAN: f"# SUBPLAN: The till\n\n**Plan**: SHOP\n**Achievement Addressed**: 1.1\n**Status**: {design}\n\n"
        f"## Objective\n\nA till that rings.\n\n## Deliverables\n\n{delivers}\n\n## Approach\n\nBy hand.\n\n## Tests Required\n\n{tests}\n",
        TASK: f"# EXECUTION_TASK: The till\n\n**Plan**: SHOP\n**SUBPLAN**: SUBPLAN_SHOP_11\n**Status**: {status}\n\n"
        f"## Iteration Log\n\n{log}\n\n## Learning Summary\n\n{learnings}\n\n## Completion Status\n\n{completion}\n{end}",
        **dict.fromkeys(files, "x\n"),
    }


REVIEWS: dict[str, Reviewed] = {
    "complete, and four reports are nowhere": Reviewed(
        work(
            delivers="- `documentation/Till-Report.md`\n- `documentation/Till-Outputs.md`\n- `documentation/Till-Bugs.md`\n- `documentation/Till-Notes.md`",
            tests="Script: `checks/try-all-tills.sh`\n\n```bash\npython -m till.check --all\n```",
            log="### Iteration 1\n\nNine of eleven drawers tried, one bug mended.",
        ),
        (
            ReviewIssue("four reports are missing", ("deliverable-missing", "Till-Report")),
            ReviewIssue("the task says complete without them", ("status-contradicts-files", "4 deliverables")),
            ReviewIssue("the script that tries them all was not verified", ("test-missing", "try-all-tills.sh")),
            ReviewIssue("no output shows that the bug is mended", ("evidence-missing", "")),
        ),
    ),
    "half of the phases, and a task that says ready": Reviewed(
        work(
            delivers="- `documentation/Speed.md`\n- `documentation/Drawers.md`\n- `documentation/Compared.md`",
            tests="```\nmongosh shop --eval 'db.sales.countDocuments()'\n```",
            status="Ready for Execution",
            log="### Iteration 1\n\n[To be filled by executor]",
            learnings="[To be filled]",
            completion="- [ ] Phase 1\n- [ ] Phase 2",
        ),
        (
            ReviewIssue("three reports are missing", ("deliverable-missing", "Speed")),
            ReviewIssue("the task was not brought up to date: no log, no learnings", ("log-empty", "")),
            ReviewIssue("the log does not say that the drawers were counted", ("evidence-missing", "")),
            ReviewIssue("the comparison of speeds needs more detail"),
        ),
    ),
    "good mending, but the aim was not reached": Reviewed(
        work(
            delivers="- `Baseline-Log.md`\n- `documentation/Baseline.md`\n- `documentation/Summary.md`",
            design="Not Started",
            status="Ready for Execution",
            log="### Iteration 1\n\nThree bugs mended: `drawer.py` opens again.",
            completion="- [ ] The run ends with exit code 0\n- [ ] All three documents are there",
        ),
        (
            ReviewIssue("there is no valid baseline"),
            ReviewIssue("three documents are missing", ("deliverable-missing", "Baseline-Log")),
            ReviewIssue("the task says ready, and work was done", ("status-contradicts-files", "has work")),
            ReviewIssue("the SUBPLAN says not started", ("status-contradicts-files", "SUBPLAN")),
            ReviewIssue("no criterion is ticked", ("criteria-open", "")),
        ),
    ),
    "configurations inspected, nothing written down": Reviewed(
        work(
            delivers="- `documentation/Matrix.md`\n- `documentation/Recommended.md`",
            tests="`checks/validate-configurations.sh` has 25 tests\n\n`python -m shop --dry-run`",
            status="🔄 In Progress - Phase 1",
            log="### Iteration 1\n\nAll variables are read.",
            learnings="[To be filled by executor after completion]",
            completion="- [ ] Variables are tested\n- [ ] Defaults work",
            last="📋 Ready to Execute",
        ),
        (
            ReviewIssue("the deliverables are missing", ("deliverable-missing", "Matrix")),
            ReviewIssue("the Status says phase 1", ("status-contradicts-files", "")),
            ReviewIssue("the learnings are a placeholder", ("learnings-empty", "")),
            ReviewIssue("no criterion is ticked", ("criteria-open", "")),
            ReviewIssue("the validation script was not written", ("test-missing", "validate-configurations.sh")),
            ReviewIssue("two Status lines differ", ("status-contradicts-files", "")),
            ReviewIssue("the findings could say more"),
            ReviewIssue("no run with a different configuration is shown", ("evidence-missing", "")),
        ),
    ),
    "blocked, though the blocker is gone": Reviewed(
        work(
            delivers="- `documentation/Compatible.md`\n- `documentation/Results.md`",
            tests="```bash\npython -m shop.stages --all\n```",
            status="⛔ BLOCKED - awaiting a decision",
            log="### Iteration 1\n\nThe stages take no options.\n\n### Iteration 2\n\nThe blocker is resolved: options were added.",
            completion="- [ ] Stages are tried\n- [ ] Speed is measured",
            files=(f"{HOME}/documentation/Compatible.md",),
        ),
        (
            ReviewIssue("the stages were never tried", ("evidence-missing", "")),
            ReviewIssue("one of two documents is missing", ("deliverable-missing", "Results")),
            ReviewIssue("the log ends before the work"),
            ReviewIssue("the Status says blocked", ("status-contradicts-files", "blocker is gone")),
            ReviewIssue("no criterion is ticked", ("criteria-open", "")),
            ReviewIssue("the learnings are only about the blocker"),
        ),
    ),
    "much more than was asked for": Reviewed(
        work(delivers="- `till.py`", log="Built in an hour. `pytest`: 17 passed.", files=("till.py",)),
        tuple(
            ReviewIssue(says)
            for says in (
                "the till does what later achievements are about",
                "most of it has no test",
                "the task says 300 lines, and it has 1,500",
                "errors are swallowed",
                "a function returns a constant",
                "modules may import each other",
            )
        ),
    ),
    "all tests fail for a question at the terminal": Reviewed(
        work(delivers="- `drawer.py`", log="Done. `pytest`: 17 passed.", files=("drawer.py",)),
        (ReviewIssue("no test can run"), ReviewIssue("a lock file stays behind")),
    ),
    "a file of tests that was never written": Reviewed(
        work(
            delivers="- `watcher.py`\n- `tests/test_watcher.py`",
            log="Phase 6: tests are created. 9 tests, 5 passing, 4 need work.",
            files=("watcher.py",),
        ),
        (
            ReviewIssue("the tests of the watcher are missing", ("deliverable-missing", "test_watcher.py")),
            ReviewIssue("four of nine tests fail"),
            ReviewIssue("methods that existed are called new"),
            ReviewIssue("there are fewer tests than planned"),
            ReviewIssue("the task says that the tests are done", ("status-contradicts-files", "1 deliverable")),
            ReviewIssue("the watcher was not tried together with the till"),
        ),
    ),
}
