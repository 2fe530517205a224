"""For each code: workspaces that trigger it, with the expected place, and near misses that must not trigger it."""

from __future__ import annotations

import json

from planmark.storage.machine import host_name

P = "plans/PAY"
PLAN = f"{P}/PLAN_PAY.md"
TWO = "# PLAN\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"
INDEX = "## Achievement Index\n\n- Achievement 1.1: A\n- Achievement 1.2: B\n\n## Priority 1\n\n"
WHOLE = f"# PLAN\n\n**Goal**: pay\n\n{INDEX}**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n\n## Success Criteria\n\nx\n\n## Current Status & Handoff\n\nx\n"
VERDICT = "# APPROVED: Achievement {}\n\n**Status**: ✅ Approved\n**Reviewer**: Ada\n**Review Date**: 2026-01-02\n"
FEEDBACKS = f"{P}/execution/feedbacks"
APPROVED = {f"{FEEDBACKS}/APPROVED_{number}.md": VERDICT.format(f"1.{number[1]}") for number in ("11", "12")}
INDEXED = "## Achievement Index\n\n- {}Achievement 1.1: A\n- {}Achievement 1.2: B\n"
TEMPLATES = {"planmark.toml": '[prompts]\ntemplates = "own"\n'}
FIX = f"{FEEDBACKS}/FIX_11.md"
TILL = {"plans/TILL/PLAN_TILL.md": TWO}
SUBPLAN = f"{P}/subplans/SUBPLAN_PAY_11.md"
TASK = f"{P}/execution/EXECUTION_TASK_PAY_11_01.md"
SUBPLAN_TEXT = "# SUBPLAN\n\n**Plan**: PAY\n**Achievement Addressed**: 1.1\n**Status**: In Progress\n\n## Objective\n\nx\n\n## Approach\n\nx\n\n## Deliverables\n\nx\n"
TASK_TEXT = (
    "# TASK\n\n**Status**: {}\n\n## Iteration Log\n\nx\n\n## Learning Summary\n\nx\n\n## Completion Status\n\n{}\n"
)
PARALLEL = f"{P}/parallel.json"


GRAMMAPLAN = "work-space/grammaplans/GRAMMAPLAN_SHOP.md"
CHILDREN = "# GRAMMAPLAN: Shop\n\n| Child PLAN | Status | Progress |\n|---|---|---|\n| PLAN_PAY.md | {} | {} |\n| PLAN_{}.md | {} | {} |\n"


def parallel(*entries: str, name: str = "PAY", level: str = "level_2") -> str:
    """Return a parallel file with one entry a line, from line 5 on."""
    listed = ",\n".join(entries)
    return f'{{\n"plan_name": "{name}",\n"parallelization_level": "{level}",\n"achievements": [\n{listed}\n]\n}}\n'


def leased(
    until: str, state: str = "held", plan: str = PLAN, item: str = "1.2", schema: str = "planmark.lease/1"
) -> dict[str, str]:
    """Return a repository with a lease of an item."""
    lease = {
        "schema": schema,
        "id": "lse_5b1f0c9ad2e84c70",
        "generation": 1,
        "plan": plan,
        "achievement": item,
        "step": "create_subplan",
        "role": "designer",
        "agent": "ada",
        "host": host_name(),
        "state": state,
        "since": "2026-01-01T00:00:00Z",
        "renewed": "2026-01-01T00:00:00Z",
        "until": until,
        "worktree": "/repo",
    }
    repository = {".git/HEAD": "ref: refs/heads/main\n", ".git/objects/none": "", ".git/refs/none": ""}
    return {**repository, f".git/planmark/leases/{plan.replace('/', '%2F')}/{item}.json": json.dumps(lease)}


def ranged(declaring: int) -> str:
    """Return a PLAN with 50 achievements. The first `declaring` depend on all 50; the field of 1.0 is in line 7."""
    each = (f"**Achievement 1.{n}**: A\n\n{'- **Needs**: 1.0-1.99' if n < declaring else ''}\n" for n in range(50))
    return "# PLAN\n\n**Status**: In Progress\n\n" + "".join(each)


CASES: list[tuple[str, dict[str, str], tuple[str, int]]] = [
    ("claimed-without-evidence", {f"{P}/PLAN_PAY.md": TWO + "\n- ✅ Achievement 1.1\n"}, (f"{P}/PLAN_PAY.md", 9)),
    ("no-achievements", {f"{P}/PLAN_PAY.md": "# PLAN\n\n### Achievement 1: A\n"}, (f"{P}/PLAN_PAY.md", 3)),
    ("achievement-format", {f"{P}/PLAN_PAY.md": TWO + "\n### Achievement A: C\n"}, (f"{P}/PLAN_PAY.md", 9)),
    ("achievement-format", {f"{P}/PLAN_PAY.md": TWO + "\n### ACHIEVEMENT 1.3: C\n"}, (f"{P}/PLAN_PAY.md", 9)),
    ("fix-unresolved", {FIX: "x"}, (PLAN, 5)),
    ("fix-unresolved", {FIX: "x", f"{FEEDBACKS}/FIX_11_RESOLUTION.md": "x"}, (PLAN, 5)),
    ("fix-superseded", {FIX: "x", **APPROVED}, (FIX, 1)),
    ("fix-reopened", {FIX: "**Review Date**: 2026-01-03\n", **APPROVED}, (FIX, 1)),
    ("review-missing", {f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": "**Status**: Done\n"}, (f"{P}/PLAN_PAY.md", 5)),
    ("plan-complete", APPROVED, (f"{P}/PLAN_PAY.md", 3)),
    (
        "blocked-work",
        {
            f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 1.1\n",
            f"{P}/subplans/SUBPLAN_PAY_12.md": "## Objective\n\nx\n",
        },
        (f"{P}/PLAN_PAY.md", 7),
    ),
    ("plan-name", {f"{P}/PLAN_A_NOTE.md": "x"}, (f"{P}/PLAN_A_NOTE.md", 1)),
    ("dependency-unknown", {f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 9.9\n"}, (f"{P}/PLAN_PAY.md", 9)),
    ("dependency-unknown", {PLAN: TWO + "\n- **Needs**: @TILL 1.1\n"}, (PLAN, 9)),
    ("dependency-unknown", {PLAN: TWO + "\n- **Needs**: @TILL 9.9\n", "plans/TILL/PLAN_TILL.md": TWO}, (PLAN, 9)),
    (
        "dependency-unknown",
        {PARALLEL: parallel('{"achievement_id": "1.1", "dependencies": ["@TILL 1.1"]}')},
        (PARALLEL, 5),
    ),
    ("dependency-unread", {PLAN: TWO + "\n- **Requires**: Python 3.10\n"}, (PLAN, 9)),
    ("dependency-unread", {PLAN: TWO + "\n**Depends on**:\n\n- 1.1\n- the new server\n"}, (PLAN, 12)),
    ("dependency-unread", {PLAN: TWO + "\n- **Dependencies**: 1.1 (optional)\n"}, (PLAN, 9)),
    ("dependency-too-wide", {PLAN: ranged(21)}, (PLAN, 67)),
    ("dependency-too-wide", {PLAN: ranged(20) + "\n- **Blocks**: 1.0-1.99\n"}, (PLAN, 156)),
    (
        "dependency-too-wide",
        {PLAN: TWO + "\n- **Needs**: @TILL 1.0-1.99\n" * 21, "plans/TILL/PLAN_TILL.md": ranged(0)},
        (PLAN, 49),
    ),
    (
        "dependency-cycle",
        {
            PLAN: TWO + "\n- **Needs**: @TILL 1.2\n",
            "plans/TILL/PLAN_TILL.md": TWO + "\n- **Blocked by**: PLAN_PAY 1.2\n",
        },
        (PLAN, 9),
    ),
    (
        "dependency-cycle",
        {
            f"{P}/parallel.json": '{"achievements": [{"achievement_id": "1.1", "dependencies": ["1.2"]},\n{"achievement_id": "1.2", "dependencies": ["1.1"]}]}'
        },
        (f"{P}/parallel.json", 1),
    ),
    ("parallel-json-invalid", {f"{P}/parallel.json": '{\n"achievements": ['}, (f"{P}/parallel.json", 2)),
    ("file-unreadable", {f"{P}/PLAN_B.md": "\0"}, (f"{P}/PLAN_B.md", 1)),
    ("index-tick-without-verdict", {f"{P}/PLAN_PAY.md": INDEXED.format("✅ ", "")}, (f"{P}/PLAN_PAY.md", 3)),
    (
        "index-tick-missing",
        {f"{P}/PLAN_PAY.md": INDEXED.format("✅ ", ""), **APPROVED},
        (f"{P}/PLAN_PAY.md", 4),
    ),
    (
        "index-tick-missing",
        {
            PLAN: f"Do not tick boxes of the goal.\n\n{INDEXED.format('✅ ', '')}\nA line without ✅ is open.\n",
            **APPROVED,
        },
        (PLAN, 6),
    ),
    (
        "handoff-stale",
        {f"{P}/PLAN_PAY.md": TWO + "\n## Current Status & Handoff\n\n**Next**: Achievement 1.1\n", **APPROVED},
        (f"{P}/PLAN_PAY.md", 11),
    ),
    (
        "handoff-stale",
        {
            PLAN: TWO + "\n## Current Status & Handoff\n\n- ⏳ Next: Achievement 1.1: A\n",
            f"{FEEDBACKS}/APPROVED_11.md": VERDICT.format("1.1"),
        },
        (PLAN, 11),
    ),
    (
        "handoff-stale",
        {PLAN: TWO + "\n## Current Status & Handoff\n\n**Next**: Achievement 9.9 (Soon)\n"},
        (PLAN, 11),
    ),
    (
        "number-mismatch",
        {f"{P}/subplans/SUBPLAN_PAY_11.md": "**Achievement Addressed**: 1.2\n\n## Objective\n\nx\n"},
        (f"{P}/subplans/SUBPLAN_PAY_11.md", 1),
    ),
    ("orphan-subplan", {f"{P}/subplans/SUBPLAN_PAY_77.md": "x"}, (f"{P}/subplans/SUBPLAN_PAY_77.md", 1)),
    ("orphan-subplan", {"subplans/SUBPLAN_OLD_11.md": "x"}, ("subplans/SUBPLAN_OLD_11.md", 1)),
    (
        "orphan-execution",
        {f"{P}/execution/EXECUTION_TASK_PAY_77_01.md": "x"},
        (f"{P}/execution/EXECUTION_TASK_PAY_77_01.md", 1),
    ),
    (
        "orphan-verdict",
        {f"{P}/execution/feedbacks/APPROVED_77.md": "x"},
        (f"{P}/execution/feedbacks/APPROVED_77.md", 1),
    ),
    ("verdict-empty", {f"{FEEDBACKS}/APPROVED_11.md": "# APPROVED\n"}, (f"{FEEDBACKS}/APPROVED_11.md", 1)),
    ("verdict-mismatch", {FIX: "# FIX REQUIRED: Achievement 1.2\n"}, (FIX, 1)),
    (
        "verdict-mismatch",
        {PLAN: TWO.replace("2**: B", "2**: Money back"), FIX: "# FIX: Achievement 1.1 - Money back\n"},
        (FIX, 1),
    ),
    ("verdict-date", {FIX: "# FIX\n\n**Reviewed On**: 06/09/2026\n"}, (FIX, 3)),
    (
        "verdict-date",
        {f"{FEEDBACKS}/FIX_11_RESOLUTION.md": "**Resolution Date**: soon\n", FIX: "x"},
        (f"{FEEDBACKS}/FIX_11_RESOLUTION.md", 1),
    ),
    ("verdict-other-plan", {**TILL, FIX: "# FIX\n\n**Plan**: TILL\n"}, (FIX, 3)),
    ("verdict-other-plan", {**TILL, FIX: "# FIX: PLAN_TILL Achievement 1.1\n"}, (FIX, 1)),
    ("approved-without-work", APPROVED, (f"{FEEDBACKS}/APPROVED_11.md", 1)),
    (
        "approved-without-work",
        {f"{FEEDBACKS}/APPROVED_11.md": "# APPROVED: Achievement 1.1 - Login page\n"},
        (f"{FEEDBACKS}/APPROVED_11.md", 1),
    ),
    (
        "number-ambiguous",
        {PLAN: TWO + "\n**Achievement 11.2**: C\n", f"{FEEDBACKS}/FIX_11_02.md": "# FIX\n"},
        (f"{FEEDBACKS}/FIX_11_02.md", 1),
    ),
    ("number-ambiguous", {f"{FEEDBACKS}/FIX_1_2.md": "# FIX\n"}, (f"{FEEDBACKS}/FIX_1_2.md", 1)),
    (
        "fix-reopened",
        {f"{FEEDBACKS}/FIX_11_R2.md": "**Reopens**: APPROVED_11.md\n", **APPROVED},
        (f"{FEEDBACKS}/FIX_11_R2.md", 1),
    ),
    (
        "verdict-ambiguous",
        {f"{P}/PLAN_TILL.md": TWO, f"{P}/subplans/SUBPLAN_TILL_11.md": "x", **APPROVED},
        (f"{P}/execution/feedbacks/APPROVED_11.md", 1),
    ),
    (
        "duplicate-document",
        {f"{P}/subplans/SUBPLAN_PAY_11.md": "x", "work-space/subplans/SUBPLAN_PAY_11.md": "x"},
        ("work-space/subplans/SUBPLAN_PAY_11.md", 1),
    ),
    (
        "duplicate-document",
        {f"{P}/subplans/SUBPLAN_PAY_11.md": "x", "work-space/subplans/SUBPLAN_PAY_11.md": "y"},
        ("work-space/subplans/SUBPLAN_PAY_11.md", 1),
    ),
    ("duplicate-document", {PLAN: TWO, "backup/plans/PAY/PLAN_PAY.md": TWO}, ("backup/plans/PAY/PLAN_PAY.md", 1)),
    ("unused-suppression", {FIX: "<!-- planmark: ignore plan-complete -->\nx"}, (FIX, 1)),
    ("template-broken", {**TEMPLATES, "own/wait.md.j2": "x\n{% if %}"}, ("own/wait.md.j2", 2)),
    ("template-broken", {**TEMPLATES, "own/wait.md.j2": "Approve it."}, ("own/wait.md.j2", 1)),
    (
        "number-ambiguous",
        {
            f"{P}/PLAN_PAY.md": "**Achievement 1.11**: A\n\n**Achievement 11.1**: B\n",
            f"{P}/execution/feedbacks/APPROVED_111.md": "x",
        },
        (f"{P}/execution/feedbacks/APPROVED_111.md", 1),
    ),
    (
        "status-contradicts-files",
        {PLAN: TWO.replace("In Progress", "📋 Planning"), SUBPLAN: SUBPLAN_TEXT},
        (PLAN, 3),
    ),
    (
        "status-contradicts-files",
        {PLAN: TWO.replace("In Progress", "Complete"), f"{FEEDBACKS}/APPROVED_11.md": VERDICT.format("1.1")},
        (PLAN, 3),
    ),
    (
        "status-contradicts-files",
        {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "✅ Complete"), TASK: TASK_TEXT.format("In Progress", "x")},
        (SUBPLAN, 5),
    ),
    ("status-contradicts-files", {SUBPLAN: SUBPLAN_TEXT, **APPROVED}, (SUBPLAN, 5)),
    ("status-contradicts-files", {TASK: TASK_TEXT.format("In Progress", "- [x] all")}, (TASK, 3)),
    ("status-contradicts-files", {TASK: TASK_TEXT.format("In Progress", "x"), **APPROVED}, (TASK, 3)),
    ("status-unknown", {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "In Progres")}, (SUBPLAN, 5)),
    ("status-unknown", {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "Quite far")}, (SUBPLAN, 5)),
    ("property-contradicts", {SUBPLAN: SUBPLAN_TEXT.replace("**Plan**", "**Type**: PLAN\n**Plan**")}, (SUBPLAN, 3)),
    ("property-contradicts", {SUBPLAN: f"---\ntype: EXECUTION_TASK\n---\n{SUBPLAN_TEXT}"}, (SUBPLAN, 2)),
    ("property-contradicts", {SUBPLAN: f"---\ntype: SUBPLAN\nachievement: 1.2\n---\n{SUBPLAN_TEXT}"}, (SUBPLAN, 3)),
    ("property-contradicts", {SUBPLAN: f"---\nplan: TILL\n---\n{SUBPLAN_TEXT}", **TILL}, (SUBPLAN, 2)),
    ("property-contradicts", {PLAN: f"---\nplan: TILL\n---\n{TWO}"}, (PLAN, 2)),
    (
        "statistics-wrong",
        {PLAN: TWO + "\n## Subplan Tracking\n\n- **SUBPLANs**: 3 created (1 complete)\n", SUBPLAN: SUBPLAN_TEXT},
        (PLAN, 11),
    ),
    (
        "statistics-wrong",
        {PLAN: TWO + "\n**EXECUTION_TASKs**: 0 created\n", TASK: TASK_TEXT.format("In Progress", "x")},
        (PLAN, 9),
    ),
    (
        "parallel-status-stored",
        {PARALLEL: parallel('{"achievement_id": "1.1", "status": "not_started"}')},
        (PARALLEL, 5),
    ),
    (
        "parallel-status-stored",
        {PARALLEL: parallel('{"achievement_id": "1.1",\n"status": "complete",\n"dependencies": []}')},
        (PARALLEL, 6),
    ),
    (
        "feature-mismatch",
        {f"{P}/execution/EXECUTION_TASK_PA_11_01.md": "**Plan**: PAY\n"},
        (f"{P}/execution/EXECUTION_TASK_PA_11_01.md", 1),
    ),
    (
        "feature-mismatch",
        {SUBPLAN: SUBPLAN_TEXT.replace(": PAY", ": PLAN_TILL.md"), "plans/TILL/PLAN_TILL.md": TWO},
        (SUBPLAN, 3),
    ),
    ("orphan-execution", {TASK: TASK_TEXT.format("In Progress", "x")}, (TASK, 1)),
    (
        "orphan-execution",
        {PLAN: WHOLE, TASK.replace("_11_", "_77_"): "**Achievement**: 7.7\n"},
        (TASK.replace("_11_", "_77_"), 1),
    ),
    (
        "orphan-subplan",
        {PLAN: WHOLE, SUBPLAN.replace("_11", "_77"): "**Achievement Addressed**: 7.7\n"},
        (SUBPLAN.replace("_11", "_77"), 1),
    ),
    (
        "orphan-verdict",
        {PLAN: WHOLE, f"{FEEDBACKS}/FIX_77.md": "# FIX REQUIRED: Achievement 7.7\n"},
        (f"{FEEDBACKS}/FIX_77.md", 1),
    ),
    ("configuration", {"planmark.toml": '[diagnostics.severity]\nsizes = "off"\n'}, ("planmark.toml", 2)),
    ("configuration", {"planmark.toml": '[vocabulary.statuses]\nparked = "waiting"\n'}, ("planmark.toml", 2)),
    ("feature-mismatch", {"plans/TILL/PLAN_SHOP.md": TWO}, ("plans/TILL/PLAN_SHOP.md", 1)),
    ("document-name", {f"{P}/subplans/SUBPLAN_PAY_1.1.md": "x"}, (f"{P}/subplans/SUBPLAN_PAY_1.1.md", 1)),
    ("document-name", {f"{P}/execution/execution task 1.1.MD": "x"}, (f"{P}/execution/execution task 1.1.MD", 1)),
    ("document-name", {f"{FEEDBACKS}/REJECTED_11.md": "x"}, (f"{FEEDBACKS}/REJECTED_11.md", 1)),
    ("document-name", {"notes/subplan 1.md": "**Plan**: PLAN_PAY\n"}, ("notes/subplan 1.md", 1)),
    ("document-name", {"old/subplans/SUBPLAN_GONE_1.1.md": "x"}, ("old/subplans/SUBPLAN_GONE_1.1.md", 1)),
    ("document-name", {f"{P}/FIX-NOTES.md": "x"}, (f"{P}/FIX-NOTES.md", 1)),
    ("document-name", {f"{FEEDBACKS}/approved_1.1.md": "x"}, (f"{FEEDBACKS}/approved_1.1.md", 1)),
    ("document-name", {f"{FEEDBACKS}/FIX-11.md": "x"}, (f"{FEEDBACKS}/FIX-11.md", 1)),
    ("document-name", {f"{FEEDBACKS}/APPROVED_11_FINAL.md": "x"}, (f"{FEEDBACKS}/APPROVED_11_FINAL.md", 1)),
    (
        "verdict-location",
        {f"{P}/execution/APPROVED_11.md": VERDICT.format("1.1")},
        (f"{P}/execution/APPROVED_11.md", 1),
    ),
    ("verdict-location", {f"{P}/feedbacks/FIX_11.md": "x"}, (f"{P}/feedbacks/FIX_11.md", 1)),
    ("orphan-verdict", {"old/execution/feedbacks/APPROVED_11.md": "x"}, ("old/execution/feedbacks/APPROVED_11.md", 1)),
    ("duplicate-document", {**APPROVED, f"{P}/old/APPROVED_11.md": "x"}, (f"{P}/old/APPROVED_11.md", 1)),
    (
        "verdict-empty",
        {f"{FEEDBACKS}/APPROVED_11.md": "# APPROVED: Achievement 1.1\n\n**Status**: Approved\n"},
        (f"{FEEDBACKS}/APPROVED_11.md", 1),
    ),
    (
        "verdict-empty",
        {f"{FEEDBACKS}/APPROVED_11.md": VERDICT.format("1.1").replace("✅ Approved", "⚠️ NEEDS FIXES")},
        (f"{FEEDBACKS}/APPROVED_11.md", 3),
    ),
    ("plan-name", {"plans/TILL/PLAN_till.md": TWO}, ("plans/TILL/PLAN_till.md", 1)),
    ("plan-name", {"plans/TILL/plan till.markdown": TWO}, ("plans/TILL/plan till.markdown", 1)),
    ("plan-name", {"PLAN_V2.md": "# Plan V2\n\n**Status**: Done\n\n- [x] read\n"}, ("PLAN_V2.md", 1)),
    (
        "duplicate-achievement",
        {PLAN: WHOLE + "\n## More\n\n**Achievement 1.1**: Something else\n"},
        (PLAN, 26),
    ),
    (
        "duplicate-achievement",
        {
            PLAN: TWO.replace(": A", ": Refunds in parts")
            + "\nMore.\n\n**Achievement 1.1**: Something else altogether\n"
        },
        (PLAN, 11),
    ),
    ("duplicate-achievement", {PLAN: WHOLE.replace("- Achievement 1.2", "- Achievement 1.1")}, (PLAN, 8)),
    ("index-mismatch", {PLAN: WHOLE.replace("- Achievement 1.2: B\n", "")}, (PLAN, 13)),
    ("index-mismatch", {PLAN: WHOLE.replace("**Achievement 1.2**: B\n\n", "")}, (PLAN, 8)),
    ("grammaplan-stale", {GRAMMAPLAN: CHILDREN.format("Planning", "100%", "PAY", "Planning", "0%")}, (GRAMMAPLAN, 5)),
    ("grammaplan-stale", {GRAMMAPLAN: CHILDREN.format("✅ Complete", "0/2", "PAY", "x", "y")}, (GRAMMAPLAN, 5)),
    (
        "grammaplan-stale",
        {GRAMMAPLAN: "# G\n\n| # | State | Feature | Progress |\n|---|---|---|---|\n| 1 | Done | PAY | 2 of 2 |\n"},
        (GRAMMAPLAN, 5),
    ),
    ("grammaplan-stale", {GRAMMAPLAN: CHILDREN.format("In Progress", "1/2", "PAY", "x", "y")}, (GRAMMAPLAN, 5)),
    (
        "grammaplan-stale",
        {
            PLAN: TWO.replace("In Progress", "Complete"),
            GRAMMAPLAN: CHILDREN.format("Planning", "100%", "PAY", "x", "y"),
            **APPROVED,
        },
        (GRAMMAPLAN, 5),
    ),
    ("grammaplan-stale", {GRAMMAPLAN: CHILDREN.format("Planning", "0%", "CART", "Planning", "0%")}, (GRAMMAPLAN, 6)),
    ("grammaplan-stale", {GRAMMAPLAN: CHILDREN.format("Planning", "0%", "CART", "Active", "20%")}, (GRAMMAPLAN, 6)),
    ("index-missing", {PLAN: TWO}, (PLAN, 1)),
    ("achievement-format", {PLAN: TWO.replace("**Achievement 1.1**: A", "**Achievement 1.1: A**")}, (PLAN, 5)),
    ("achievement-format", {PLAN: TWO.replace("**Achievement 1.1**: A", "### Achievement 1.1: A")}, (PLAN, 5)),
    ("missing-section", {PLAN: TWO}, (PLAN, 1)),
    ("missing-section", {SUBPLAN: "# SUBPLAN\n"}, (SUBPLAN, 1)),
    ("missing-section", {TASK: "# TASK\n"}, (TASK, 1)),
    ("placeholder-left", {PLAN: TWO + "\n[FILL: more]\n"}, (PLAN, 9)),
    ("placeholder-left", {SUBPLAN: SUBPLAN_TEXT + "\n[TO BE FILLED: more]\n"}, (SUBPLAN, 19)),
    ("placeholder-left", {TASK: TASK_TEXT.format("In Progress", "**Status**: [In Progress / Complete]")}, (TASK, 15)),
    ("size", {TASK: TASK_TEXT.format("In Progress", "x\n" * 200)}, (TASK, 1)),
    ("size", {PLAN: TWO, "planmark.toml": "[diagnostics.sizes]\nplan = [20, 30]\n"}, (PLAN, 1)),
    ("effort-exceeded", {PLAN: TWO.replace("**Status**", "**Estimated Effort**: 25-35 hours\n**Status**")}, (PLAN, 1)),
    ("effort-exceeded", {PLAN: TWO + "\n- Effort: 31 hours\n"}, (PLAN, 1)),
    ("work-out-of-sight", {".gitignore": "feedbacks/\n", FIX: "x"}, (PLAN, 1)),
    ("work-out-of-sight", {".gitignore": "SUBPLAN_*\n", SUBPLAN: SUBPLAN_TEXT}, (PLAN, 1)),
    ("work-out-of-sight", {"planmark.toml": "[files]\nmaxBytes = 1000\n", TASK: "x" * 2000}, (PLAN, 1)),
    ("achievement-hidden", {PLAN: TWO + "\n<details>\n**Achievement 1.3**: C\n</details>\n"}, (PLAN, 10)),
    ("achievement-hidden", {PLAN: TWO + "\n<!-- later\n\n- [ ] Achievement 1.3: C\n"}, (PLAN, 11)),
    ("unclosed-fence", {SUBPLAN: SUBPLAN_TEXT + "\n```bash\nmake\n\n## Tests\n\nx\n"}, (SUBPLAN, 19)),
    ("unclosed-fence", {PLAN: TWO + "\n~~~~\n**Achievement 1.3**: C\n"}, (PLAN, 9)),
    (
        "broken-table",
        {
            SUBPLAN: SUBPLAN_TEXT
            + "\n## Active EXECUTION_TASKs\n\n| EXECUTION | Status | Notes |\n| --- | --- | --- |\n| 11_01 | Planning |\n"
        },
        (SUBPLAN, 23),
    ),
    ("merge-conflict", {PLAN: TWO + "\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"}, (PLAN, 9)),
    ("merge-conflict", {PARALLEL: "{\n<<<<<<< HEAD\n"}, (PARALLEL, 2)),
    ("encoding", {PLAN: TWO + "\n## " + "🎯".encode().decode("mac_roman") + " Goal\n"}, (PLAN, 9)),
    ("encoding", {PLAN: TWO.replace("\n", "\r\n", 3)}, (PLAN, 1)),
    ("encoding", {PLAN: "\ufeff" + TWO}, (PLAN, 1)),
    ("lookalike-character", {PLAN: TWO + "\n**\u0410chievement 1.3**: C\n"}, (PLAN, 9)),
    ("lookalike-character", {PLAN: TWO + "\n- Achievement 1.\u200b3: C\n"}, (PLAN, 9)),
    ("lookalike-character", {PLAN: TWO + "\n- Achievement 1.1\u200b1: C\n"}, (PLAN, 9)),
    ("lookalike-character", {TASK: TASK_TEXT.format("\u2705 \u0421omplete", "x")}, (TASK, 3)),
    ("lookalike-character", {TASK: TASK_TEXT.format("Com\u200bplete", "x")}, (TASK, 3)),
    ("lookalike-character", {TASK: TASK_TEXT.format("\u2705 Complete\u200b", "x")}, (TASK, 3)),
    (
        "lookalike-character",
        {f"{FEEDBACKS}/APPROVED_11.md": VERDICT.format("1.1").replace("A", "\u0391", 1)},
        (f"{FEEDBACKS}/APPROVED_11.md", 1),
    ),
    ("achievement-format", {PLAN: TWO + "\n- **Dependencies**：1.１\n"}, (PLAN, 9)),
    ("achievement-format", {PLAN: TWO.replace("1.2", "１．２")}, (PLAN, 7)),
    ("checkbox-form", {PLAN: TWO + "\n- [x ] done\n"}, (PLAN, 9)),
    ("checkbox-form", {PLAN: TWO + "\n- a\n  1. [X] done\n"}, (PLAN, 10)),
    ("checkbox-form", {PLAN: TWO + "\n* [] open\n"}, (PLAN, 9)),
    ("reference-missing", {PLAN: TWO + "\nSee `SUBPLAN_PAY_77.md` for that.\n"}, (PLAN, 9)),
    ("reference-missing", {SUBPLAN: SUBPLAN_TEXT.replace(": PAY", ": PLAN_OTHER.md")}, (SUBPLAN, 3)),
    ("reference-missing", {PLAN: TWO + "\n**Archived**:\n\n- x\n\nRead first:\n\n- SUBPLAN_PAY_77.md\n"}, (PLAN, 15)),
    ("reference-missing", {SUBPLAN: SUBPLAN_TEXT + "\n## Notes\n\n- EXECUTION_TASK_PAY_12_01.md\n"}, (SUBPLAN, 21)),
    ("line-range-stale", {PLAN: TWO + "\nSee `SUBPLAN_PAY_11.md` (lines 10-90).\n", SUBPLAN: SUBPLAN_TEXT}, (PLAN, 9)),
    ("line-range-stale", {PLAN: TWO + "\nSee SUBPLAN_PAY_11.md:80.\n", SUBPLAN: SUBPLAN_TEXT}, (PLAN, 9)),
    (
        "deliverable-missing",
        {
            "src/a.py": "",
            PLAN: TWO.replace("1.1**: A\n", "1.1**: A\n\n**Deliverables**:\n\n- `src/b.py`\n"),
            **APPROVED,
        },
        (PLAN, 9),
    ),
    (
        "deliverable-missing",
        {
            "src/a.py": "",
            SUBPLAN: SUBPLAN_TEXT.replace("Deliverables\n\nx", "Deliverables\n\n- `src/b.py`"),
            TASK: TASK_TEXT.format("Done", "x"),
        },
        (SUBPLAN, 17),
    ),
    ("execution-missing", {SUBPLAN: SUBPLAN_TEXT}, (SUBPLAN, 5)),
    (
        "synthesis-missing",
        {
            SUBPLAN: SUBPLAN_TEXT,
            TASK: TASK_TEXT.format("Done", "x"),
            TASK.replace("_01.md", "_02.md"): TASK_TEXT.format("Done", "x"),
        },
        (SUBPLAN, 1),
    ),
    ("parallel-json-invalid", {PARALLEL: parallel('{"achievement_id": "1.1"}', level="level_9")}, (PARALLEL, 3)),
    ("parallel-json-invalid", {PARALLEL: ""}, (PARALLEL, 1)),
    ("parallel-json-invalid", {PARALLEL: '{\n"plan_name": "PAY"}'}, (PARALLEL, 1)),
    ("parallel-json-invalid", {PARALLEL: '{\n"achievements": {}}'}, (PARALLEL, 2)),
    ("parallel-json-invalid", {PARALLEL: parallel('{"achievement_id": "1.1"}', name="TILL")}, (PARALLEL, 2)),
    (
        "parallel-json-invalid",
        {PARALLEL: parallel('{"achievement_id": "1.1"}', '{"achievement_id": "7.7"}')},
        (PARALLEL, 6),
    ),
    (
        "parallel-json-invalid",
        {PARALLEL: parallel('{"achievement_id": "1.1",\n"dependencies": ["one"]}')},
        (PARALLEL, 6),
    ),
    (
        "dependency-asymmetric",
        {
            PARALLEL: parallel(
                '{"achievement_id": "1.1", "blocks": ["1.2"]}', '{"achievement_id": "1.2", "dependencies": []}'
            )
        },
        (PARALLEL, 6),
    ),
    (
        "dependency-asymmetric",
        {
            PARALLEL: parallel(
                '{"achievement_id": "1.1", "blocks": []}', '{"achievement_id": "1.2", "dependencies": ["1.1"]}'
            )
        },
        (PARALLEL, 5),
    ),
    ("configuration", {"planmark.toml": "[prompts]\ntokenBudgt = 1\n"}, ("planmark.toml", 2)),
    ("prompt-over-budget", {"planmark.toml": "[prompts]\ntokenBudget = 50\n"}, (PLAN, 5)),
    ("lease-stale", leased("2026-01-01T00:15:00Z"), (PLAN, 7)),
    ("lease-stale", leased("2026-01-01T00:15:00Z", state="reserved"), (PLAN, 7)),
    ("lease-unreadable", leased("next week"), (PLAN, 7)),
    ("lease-unreadable", leased("2026-01-01T00:15:00Z", schema="planmark.lease/9"), (PLAN, 7)),
    ("lease-unreadable", leased("next week", item="7.7"), (PLAN, 1)),
]
"""Code, files, and the path and line of a diagnostic."""

CASES += [
    ("status-missing", {TASK: "# T\n\nIt is finished.\n"}, (TASK, 1)),
    ("status-missing", {TASK: "# T\n\n### Attempt 1\n\n**Status**: ✅ Complete\n"}, (TASK, 1)),
    ("status-missing", {SUBPLAN: SUBPLAN_TEXT.replace("**Status**: In Progress\n", "")}, (SUBPLAN, 1)),
    ("subplan-withdrawn", {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "Superseded")}, (SUBPLAN, 5)),
    (
        "dependency-dropped",
        {PLAN: TWO.replace("1.1**: A", "1.1**: A (DROPPED)") + "\n- **Dependencies**: 1.1\n"},
        (PLAN, 9),
    ),
    ("index-mismatch", {PLAN: WHOLE.replace("- Achievement 1.1: A", "- ~~Achievement 1.1: A~~")}, (PLAN, 7)),
]
NEAR_MISSES: list[tuple[str, dict[str, str]]] = [
    ("status-missing", {TASK: "# T\n\n| Status | In Progress |\n|---|---|\n| a | b |\n"}),
    ("status-missing", {TASK: "# T\n\n**Status**: [In Progress / Complete]\n"}),
    ("status-missing", {TASK: "# T\n\n## Completion Checklist\n\n- [x] a\n"}),
    ("subplan-withdrawn", {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "In Progress (part superseded)")}),
    ("subplan-withdrawn", {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "Superseded"), **APPROVED}),
    (
        "dependency-dropped",
        {
            PLAN: TWO.replace("1.1**: A", "1.1**: A (DROPPED)").replace("1.2**: B", "1.2**: B (DROPPED)")
            + "\n- **Dependencies**: 1.1\n"
        },
    ),
    ("index-mismatch", {PLAN: WHOLE.replace("Achievement 1.1: A", "~~Achievement 1.1: A~~"), **APPROVED}),
    ("status-unknown", {TASK: TASK_TEXT.format("incomplete", "x")}),
    ("status-unknown", {TASK: TASK_TEXT.format("Not blocked", "x")}),
    (
        "claimed-without-evidence",
        {f"{P}/PLAN_PAY.md": TWO + "\n- ✅ Achievement 1.1\n", f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": "x"},
    ),
    ("no-achievements", {}),
    ("achievement-format", {f"{P}/PLAN_PAY.md": TWO + "\n- Achievement 1.1 is done\n"}),
    ("fix-unresolved", {FIX: "x", **APPROVED}),
    ("fix-superseded", {FIX: "x"}),
    ("fix-reopened", {FIX: "**Review Date**: 2026-01-02\n", **APPROVED}),
    ("review-missing", {f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": "**Status**: In Progress\n"}),
    ("plan-complete", {**APPROVED, f"{P}/PLAN_PAY.md": TWO.replace("In Progress", "✅ Complete")}),
    ("blocked-work", {f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 1.1\n"}),
    ("plan-name", {f"{P}/PLAN-NOTE.md": "x"}),
    ("dependency-unknown", {f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 1.1\n"}),
    ("dependency-unknown", {PLAN: TWO + "\n- **Needs**: @TILL 1.2\n", "plans/TILL/PLAN_TILL.md": TWO}),
    ("dependency-too-wide", {PLAN: ranged(20)}),
    (
        "dependency-too-wide",
        {PLAN: TWO + "\n- **Needs**: @TILL 1.0-1.99\n" * 21, "plans/TILL/PLAN_TILL.md": ranged(0), **APPROVED},
    ),
    ("dependency-too-wide", {PLAN: TWO + "\n- **Needs**: @TILL 1.0-1.99\n" * 20, "plans/TILL/PLAN_TILL.md": ranged(0)}),
    ("dependency-cycle", {PLAN: TWO + "\n- **Needs**: @TILL 1.2\n", "plans/TILL/PLAN_TILL.md": TWO}),
    ("dependency-unread", {PLAN: TWO + "\n- **Dependencies**: 1.1 (the schema)\n- **Blocks**: none\n"}),
    ("dependency-unread", {PLAN: TWO + "\n- **Requires**: Python 3.10\n", **APPROVED}),
    ("dependency-unread", {PLAN: TWO + "\n- **Before**: 10 files\n- **After**: 3 files\n"}),
    ("dependency-cycle", {f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 1.1\n"}),
    (
        "parallel-json-invalid",
        {f"{P}/parallel.json": '{"plan_name": "PAY", "parallelization_level": "level_1", "achievements": []}'},
    ),
    ("file-unreadable", {f"{P}/PLAN_B.md": ""}),
    ("index-tick-without-verdict", {f"{P}/PLAN_PAY.md": INDEXED.format("✅ ", "✅ "), **APPROVED}),
    ("index-tick-missing", {f"{P}/PLAN_PAY.md": INDEXED.format("", ""), **APPROVED}),
    ("handoff-stale", {f"{P}/PLAN_PAY.md": TWO + "\n## Current Status & Handoff\n\n**Next**: Achievement 1.2\n"}),
    ("number-mismatch", {f"{P}/subplans/SUBPLAN_PAY_11.md": "**Achievement Addressed**: 1.1\n"}),
    ("orphan-subplan", {f"{P}/subplans/SUBPLAN_PAY_12.md": "x"}),
    (
        "orphan-execution",
        {
            f"{P}/execution/EXECUTION_TASK_PAY_12_01.md": "x",
            f"{P}/subplans/SUBPLAN_PAY_12.md": SUBPLAN_TEXT.replace("1.1", "1.2"),
        },
    ),
    (
        "configuration",
        {"planmark.toml": '[diagnostics.severity]\nsize = "off"\n[vocabulary.statuses]\nparked = "blocked"\n'},
    ),
    ("orphan-verdict", APPROVED),
    (
        "verdict-ambiguous",
        {
            f"{P}/PLAN_TILL.md": TWO,
            f"{P}/subplans/SUBPLAN_TILL_11.md": "x",
            f"{P}/execution/feedbacks/APPROVED_11.md": "**Plan**: PAY\n",
        },
    ),
    ("duplicate-document", {f"{P}/subplans/SUBPLAN_PAY_11.md": "x", f"{P}/subplans/SUBPLAN_PAY_12.md": "x"}),
    ("duplicate-document", {PLAN: TWO, "documentation/archive/pay/PLAN_PAY.md": TWO}),
    ("index-tick-missing", {PLAN: f"Never tick the index.\n\n{INDEXED.format('✅ ', '')}", **APPROVED}),
    (
        "index-tick-missing",
        {PLAN: INDEXED.format("✅ ", "") + "\nThe files tell what is done: do not\nadd ✅ here.\n", **APPROVED},
    ),
    ("unused-suppression", {FIX: "<!-- planmark: ignore fix-unresolved -->\nx"}),
    ("template-broken", {**TEMPLATES, "own/wait.md.j2": "{% if true %}{{ safety }}{% endif %}"}),
    ("number-ambiguous", {f"{P}/execution/feedbacks/APPROVED_11.md": "x"}),
    ("status-contradicts-files", {PLAN: TWO.replace("In Progress", "📋 Planning")}),
    ("status-contradicts-files", {SUBPLAN: SUBPLAN_TEXT, TASK: TASK_TEXT.format("🚧 In Progress", "- [ ] all")}),
    ("status-contradicts-files", {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "✅ Complete"), **APPROVED}),
    ("status-unknown", {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "🎨 Design Phase - Ready for Execution")}),
    ("status-unknown", {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "[In Progress / Complete]")}),
    (
        "property-contradicts",
        {
            PLAN: f"---\ntype: PLAN\nstatus: active\nplan: PLAN_PAY.md\n---\n{TWO}",
            SUBPLAN: f"---\ntype: SUBPLAN\nplan: PAY\nachievement: 1.1 (A)\nstatus: draft\n---\n{SUBPLAN_TEXT}",
            TASK: "---\nachievement: 9\nplan:\n---\n" + TASK_TEXT.format("Complete", "- [x] all"),
        },
    ),
    ("property-contradicts", {SUBPLAN: SUBPLAN_TEXT.replace("**Plan**", "**Type**: SUBPLAN (Design)\n**Plan**")}),
    ("property-contradicts", {TASK: "# T\n\n**Type**: EXECUTION_TASK\n\n## Notes\n\n**Type**: PLAN\n"}),
    ("property-contradicts", {SUBPLAN: SUBPLAN_TEXT.replace("**Plan**", "**Type**: Performance\n**Plan**")}),
    ("statistics-wrong", {PLAN: TWO + "\n- **SUBPLANs**: 1 created (3 planned)\n", SUBPLAN: SUBPLAN_TEXT}),
    ("statistics-wrong", {PLAN: TWO + "\nThe 3 SUBPLANs: 7 created elsewhere\n", SUBPLAN: SUBPLAN_TEXT}),
    ("parallel-status-stored", {PARALLEL: parallel('{"achievement_id": "1.1", "title": "status"}')}),
    ("feature-mismatch", {SUBPLAN: SUBPLAN_TEXT.replace(": PAY", ": `PLAN_PAY.md`")}),
    ("feature-mismatch", {"plans/a_paused/PLAN_SHOP.md": TWO}),
    ("document-name", {"docs/fix-11.md": "x", "docs/SUBPLAN_1.1.md": "x", "docs/FIXTURES.md": "x"}),
    ("document-name", {SUBPLAN: "x", **APPROVED}),
    ("document-name", {"LLM/examples/SUBPLAN_PAY_1.1.md": "x", f"{P}/SUBPLAN_PAY-TEMPLATE.md": "x"}),
    ("verdict-location", APPROVED),
    ("verdict-empty", APPROVED),
    ("verdict-mismatch", APPROVED),
    ("verdict-mismatch", {FIX: "# EXECUTION_ANALYSIS: Achievement 1.1 Implementation Review\n"}),
    ("verdict-mismatch", {PLAN: TWO.replace("2**: B", "2**: A"), FIX: "# FIX: Achievement 1.1 - A\n"}),
    ("verdict-date", APPROVED),
    ("verdict-date", {FIX: "**Review Date**:\n"}),
    ("verdict-date", {FIX: "**Reviewed**: by Noor\n\n**Due Date**: soon\n"}),
    ("verdict-other-plan", {**TILL, FIX: "# FIX: PLAN_PAY 1.1, after PLAN_TILL\n\n**Plan**: PAY\n"}),
    ("verdict-other-plan", {FIX: "**Plan**: TILL\n"}),
    ("approved-without-work", {SUBPLAN: "x", f"{FEEDBACKS}/APPROVED_11.md": "x"}),
    ("approved-without-work", {TASK: "x", f"{FEEDBACKS}/APPROVED_11.md": "x"}),
    ("number-ambiguous", {f"{FEEDBACKS}/FIX_11_02.md": "# FIX\n"}),
    ("fix-superseded", {f"{FEEDBACKS}/FIX_11_R2.md": "**Reopens**: APPROVED_11.md\n", **APPROVED}),
    (
        "verdict-empty",
        {
            f"{FEEDBACKS}/APPROVED_11.md": "# APPROVED: Achievement 1.1\n\n**Status**: Approved\n\n## Notes\n\nx\n\n---\n\n**Reviewer**: Kim  \n**Date**: 2026-09-01\n"
        },
    ),
    ("plan-name", {"plans/TILL/planning.md": TWO}),
    ("plan-name", {"PLAN_V2.md": "# Plan V2\n\n**Status**: Done\n**Goal**: two fields\n"}),
    ("plan-name", {"PLAN_V2.md": "x", "subplans/SUBPLAN_V2_11.md": "x"}),
    ("plan-name", {"docs/plan-of-attack.md": "# Notes\n\n**Status**: Done\n"}),
    ("duplicate-achievement", {PLAN: TWO + "\n**Achievement 1.1**: A\n"}),
    ("duplicate-achievement", {PLAN: WHOLE}),
    ("index-mismatch", {PLAN: WHOLE}),
    ("index-mismatch", {PLAN: INDEXED.format("", "")}),
    ("grammaplan-stale", {GRAMMAPLAN: CHILDREN.format("Planning", "0%", "PAY", "Complete", "100%")}),
    ("grammaplan-stale", {GRAMMAPLAN: CHILDREN.format("Soon", "well on its way, 80%", "PAY", "x", "y")}),
    ("grammaplan-stale", {GRAMMAPLAN: CHILDREN.format("📋 Planning", "0/2 ⏳", "PAY", "x", "y")}),
    (
        "grammaplan-stale",
        {GRAMMAPLAN: "# G\n\n| Plan | Status | Progress |\n|---|---|---|\n| TOTAL | Active | 50% |\n"},
    ),
    (
        "grammaplan-stale",
        {
            GRAMMAPLAN: CHILDREN.format("🚀 Active", "52%", "PAY", "x", "y"),
            f"{FEEDBACKS}/APPROVED_11.md": VERDICT.format("1.1"),
        },
    ),
    ("index-missing", {PLAN: WHOLE}),
    ("achievement-format", {PLAN: WHOLE}),
    ("missing-section", {PLAN: WHOLE, SUBPLAN: SUBPLAN_TEXT, TASK: TASK_TEXT.format("Done", "x")}),
    ("placeholder-left", {SUBPLAN: SUBPLAN_TEXT + "\n```\n[TO BE FILLED: x]\n```\n\nWrite `[FILL: x]` there.\n"}),
    ("placeholder-left", {TASK: TASK_TEXT.format("Done", "**Status**: [In Progress / Complete]"), **APPROVED}),
    ("size", {PLAN: TWO, SUBPLAN: SUBPLAN_TEXT, TASK: TASK_TEXT.format("In Progress", "x")}),
    ("effort-exceeded", {PLAN: TWO.replace("**Status**", "**Estimated Effort**: 20-30 hours\n**Status**")}),
    ("effort-exceeded", {PLAN: TWO + "\n- Effort: 90 minutes (was 40 hours)\n"}),
    ("work-out-of-sight", {".gitignore": "build/\n", "build/FIX_11.md": "x"}),
    ("work-out-of-sight", {".gitignore": "drafts/\n", "drafts/SUBPLAN_TILL_11.md": "x"}),
    ("achievement-hidden", {PLAN: TWO + "\n```md\n**Achievement 1.3**: C\n```\n"}),
    ("achievement-hidden", {PLAN: TWO + "\n<!--\n**Achievement 1.3**: C\n-->\n"}),
    ("achievement-hidden", {PLAN: TWO + "\n<pre>\nAchievement 1.2: B\n</pre>\n"}),
    ("unclosed-fence", {SUBPLAN: SUBPLAN_TEXT + "\n```bash\nmake\n# not a heading\n"}),
    ("unclosed-fence", {SUBPLAN: SUBPLAN_TEXT + "\n```md\n\n## Tests\n```\n"}),
    (
        "broken-table",
        {
            SUBPLAN: SUBPLAN_TEXT
            + "\n## Notes\n\n| A | B |\n| - | - |\n| a |\n\n## Active EXECUTION_TASKs\n\n| A | B |\n| - | - |\n| a \\| b | c |\n"
        },
    ),
    ("merge-conflict", {PLAN: TWO + "\n```\n<<<<<<< HEAD\n```\n\nTitle\n=======\n"}),
    ("encoding", {PLAN: TWO + "\n## 🎯 Goal – “naïve” ‚quoted‘ √2 ≈ 1.4\n"}),
    ("encoding", {PLAN: TWO.replace("\n", "\r\n")}),
    (
        "lookalike-character",
        {
            PLAN: TWO.replace("In Progress", "Готово")
            + "\n- \u0410х\n\n```\n**\u0410chievement 1.3**: C\n```\n\n👩\u200d💻\n",
            TASK: TASK_TEXT.format("Завершено", "x"),
        },
    ),
    (
        "lookalike-character",
        {PLAN: TWO, TASK: TASK_TEXT.format("👩\u200d💻 Complete", "x")},
    ),
    ("achievement-format", {PLAN: TWO.replace("**:", "**：") + "\n第１章 版本１.２\n"}),
    ("checkbox-form", {PLAN: TWO + "\n- [x] a\n- [ ] b\n- [](link) c\n- [X](link)\n\n```\n- [X] d\n```\n"}),
    ("reference-missing", {PLAN: TWO + "\nSee `SUBPLAN_PAY_11.md`.\n", SUBPLAN: SUBPLAN_TEXT}),
    (
        "reference-missing",
        {
            PLAN: TWO
            + "\n- Create `SUBPLAN_PAY_12.md`\n- [ ] SUBPLAN_PAY_13\n- `SUBPLAN_FEATURE_NN.md`\n- PLAN_A and PLAN_LLM-*.md\n"
        },
    ),
    ("reference-missing", {PLAN: TWO + "\n**Archived (2 files)**:\n\n1. SUBPLAN_PAY_77.md\n2. SUBPLAN_PAY_78.md\n"}),
    ("reference-missing", {PLAN: TWO + "\n### Files to create\n\nx:\n\n- a\n  - SUBPLAN_PAY_77.md\n"}),
    (
        "reference-missing",
        {PLAN: TWO + "\nWork:\n\n- Deliverables:\n  - EXECUTION_REVIEW_ALL.md\n\n  - EXECUTION_REVIEW_B.md\n"},
    ),
    ("reference-missing", {SUBPLAN: SUBPLAN_TEXT + "\n- EXECUTION_TASK_PAY_11_01.md - the first\n"}),
    ("line-range-stale", {PLAN: TWO + "\nSee `SUBPLAN_PAY_11.md` (lines 3-9), in 90 lines.\n", SUBPLAN: SUBPLAN_TEXT}),
    (
        "deliverable-missing",
        {
            "src/a.py": "",
            PLAN: TWO.replace(
                "1.1**: A\n",
                "1.1**: A\n\n**Deliverables**:\n\n- `src/a.py`\n- `lib/b.py`\n- `src/b.rs`\n- `src/x.py` → `src/a.py`\n- `src/*.py`\n",
            ),
            **APPROVED,
        },
    ),
    (
        "deliverable-missing",
        {"src/a.py": "", PLAN: TWO.replace("1.1**: A\n", "1.1**: A\n\n**Deliverables**:\n\n- `src/b.py`\n")},
    ),
    ("execution-missing", {SUBPLAN: SUBPLAN_TEXT, TASK: TASK_TEXT.format("In Progress", "x")}),
    ("execution-missing", {SUBPLAN: SUBPLAN_TEXT.replace("In Progress", "📋 Design Phase")}),
    (
        "synthesis-missing",
        {
            SUBPLAN: SUBPLAN_TEXT + "\n## Execution Results Synthesis\n\nBoth agree.\n",
            TASK: TASK_TEXT.format("Done", "x"),
            TASK.replace("_01.md", "_02.md"): TASK_TEXT.format("Done", "x"),
        },
    ),
    ("parallel-json-invalid", {PARALLEL: parallel('{"achievement_id": "1.1", "dependencies": ["1.2"]}')}),
    (
        "dependency-asymmetric",
        {
            PARALLEL: parallel(
                '{"achievement_id": "1.1", "blocks": ["1.2"]}', '{"achievement_id": "1.2", "dependencies": ["1.1"]}'
            )
        },
    ),
    (
        "dependency-asymmetric",
        {PARALLEL: parallel('{"achievement_id": "1.1"}', '{"achievement_id": "1.2", "dependencies": ["1.1"]}')},
    ),
    ("configuration", {"planmark.toml": "[prompts]\ntokenBudget = 9000\n"}),
    ("prompt-over-budget", {PLAN: TWO}),
    ("lease-stale", leased("9000-01-01T00:15:00Z")),
    ("lease-stale", leased("2026-01-01T00:15:00Z", state="ended")),
    ("lease-stale", {**leased("2026-01-01T00:15:00Z"), f"{FEEDBACKS}/APPROVED_12.md": VERDICT.format("1.2")}),
    ("lease-stale", leased("2026-01-01T00:15:00Z", plan="plans/TILL/PLAN_TILL.md")),
    ("lease-unreadable", leased("2026-01-01T00:15:00Z")),
    ("lease-unreadable", leased("next week", plan="plans/TILL/PLAN_TILL.md")),
]
"""Code and files that must not trigger it."""
