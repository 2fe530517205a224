"""The meaning of the methodology's terms, in one sentence each: states, steps, fields, statuses, sections."""

from __future__ import annotations

from planmark.plans.model import State
from planmark.plans.vocabulary import Status

STATES: dict[State, str] = {
    "approved": "A reviewer's APPROVED file approves it, and no FIX stands after it.",
    "needs_fix": "A reviewer's FIX file stands: no APPROVED file closes it, and no RESOLUTION answers it.",
    "fix_resolved": "A RESOLUTION answers the FIX: it waits for a second review.",
    "design_placeholder": "A template was created, but is not filled in yet.",
    "execution_blocked": "An execution says that it is blocked, and none is open.",
    "active_execution": "An EXECUTION_TASK is open.",
    "next_execution": "Executions are done, but fewer than the SUBPLAN plans.",
    "awaiting_review": "All executions are done, and there is no verdict.",
    "no_execution": "A SUBPLAN exists, but no EXECUTION_TASK that counts.",
    "blocked": "A dependency is not approved or cannot be read, and no SUBPLAN exists.",
    "no_subplan": "Only the PLAN's line exists yet.",
    "dropped": "The PLAN says that it is no longer wanted.",
}
"""State → a sentence about the files that show it."""

STATUSES: dict[Status, tuple[str, str]] = {
    "planning": ("📋 Planning", "The plan is being written."),
    "not_started": ("⏳ Not Started", "No work has begun."),
    "design": ("🎨 Design", "The design is being written."),
    "design_complete": ("📋 Design Complete", "The design is written; executions may begin."),
    "ready": ("📋 Ready", "The work can begin."),
    "in_progress": ("🚧 In Progress", "Work is under way."),
    "blocked": ("⛔ Blocked", "The work cannot continue; say what blocks it."),
    "paused": ("⏸️ Paused", "Work has stopped for now; `next` does not choose such a PLAN."),
    "abandoned": ("🛑 Abandoned", "It was given up or replaced; say why."),
    "skipped": ("⏭️ Skipped", "It was closed without being done."),
    "archived": ("🗄️ Archived", "It is kept for reference only."),
    "failed": ("❌ Failed", "It ended without a result; say why, and what blocks it if something does."),
    "complete": ("✅ Complete", "It is done. Only a verdict file makes an achievement approved."),
}
"""Status → its spelling and its meaning."""

FIELDS: dict[str, tuple[str, str]] = {
    "plan": ("Plan", "The feature of the PLAN that this document belongs to."),
    "achievement": (
        "Achievement Addressed",
        "The achievement that this document is about, by its id; it overrides the number in the file name.",
    ),
    "subplan": ("SUBPLAN", "The SUBPLAN that this execution belongs to."),
    "status": (
        "Status",
        "The progress by the author's own words. For an EXECUTION_TASK it decides whether the execution is done; for a PLAN it is only a claim.",
    ),
    "review_date": (
        "Review Date",
        "When the reviewer decided, in UTC with seconds. If a round has a FIX and an APPROVED file, the later one counts.",
    ),
    "reviewer": ("Reviewer", "Who decided."),
    "executor": ("Executor", "Who carried it out. An agent does not review what it has executed."),
    "dependencies": (
        "Dependencies",
        "The achievements, by id, that must be approved before this one begins: `1.1, 1.2`, `1.1-1.3`, `@OTHER 1.1`.",
    ),
    "blocks": ("Blocks", "The achievements, by id, that wait until this one is approved."),
    "priority": (
        "Priority",
        "The priority of the plan: `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, or `P0` to `P3`. If two plans need attention equally, `next` takes the one with the higher priority.",
    ),
    "effort": ("Estimated Effort", "How long it takes: `3-4 hours`."),
    "deliverables": ("Deliverables", "The files that exist when it is done, in back-ticks."),
    "success": ("Success Criteria", "How a reviewer sees that it is done."),
    "execution_count": (
        "Execution Count",
        "The number of executions that the design plans. Until that many are done, a next one follows.",
    ),
    "model_tier": (
        "Model Tier",
        "The tier of model that the work needs: 1 pattern work, 2 design and implementation, 3 security and deep review.",
    ),
    "archive_location": ("Archive Location", "The folder for the finished documents of this plan."),
    "objective": ("Objective", "What is to be achieved, in a sentence or two."),
    "approach": ("Approach", "How it is done."),
}
"""Canonical name of a field → its spelling and its meaning."""

HEADERS: dict[str, tuple[str, ...]] = {
    "plan": ("status", "priority", "effort", "archive_location", "objective"),
    "subplan": ("plan", "achievement", "status", "effort"),
    "execution_task": ("subplan", "achievement", "status"),
    "verdict": ("achievement", "status", "reviewer", "review_date"),
}
"""Kind of document → the fields of its header."""

SECTIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "plan": (
        ("🎯 Goal", "What the plan is for.", ""),
        (
            "📋 Achievement Index",
            "The ids and their order: they decide which achievements exist.",
            "",
        ),
        (
            "🎯 Priority 1",
            "Achievements, defined one by one.",
            "",
        ),
        (
            "📝 Current Status & Handoff",
            "Where the work stands, for the next person.",
            "",
        ),
    ),
    "subplan": (
        ("🎯 Objective", "What is to be achieved.", ""),
        ("📋 Deliverables", "The files that exist when it is done.", ""),
        ("📝 Approach", "How it is done.", ""),
        ("🔄 Execution Strategy", "How many executions, and why.", ""),
        ("🧪 Tests Required", "What proves it.", ""),
        ("📊 Success Criteria", "How a reviewer sees that it is done.", ""),
        (
            "📊 Execution Results Synthesis",
            "What several executions found together.",
            "[TO BE FILLED: when the executions are done]",
        ),
    ),
    "execution_task": (
        ("📝 Iteration Log", "What was tried, found and changed.", ""),
        ("📚 Learning Summary", "What the next person should know.", "- …"),
        ("✅ Completion Status", "Whether it is done, and what shows it.", ""),
    ),
    "grammaplan": (
        ("🎯 Strategic Goal", "What its plans are for, together.", ""),
        ("📋 Child Plans", "Its plans, one in each row: Planmark compares the rows with the plans.", ""),
        ("📝 Current Status & Handoff", "Where the work stands, for the next person.", ""),
    ),
    "north_star": (
        ("🌟 Vision", "What the product is one day.", ""),
        ("🧭 Principles", "The rules that decide between two good plans.", ""),
        ("🚫 Out of Scope", "What the vision does not include.", ""),
    ),
    "verdict": (
        (
            "Critical Issues",
            "What must be fixed before approval, numbered.",
            "1. **Title**: what, where, why",
        ),
        ("Minor Issues", "What should be fixed.", "1. **Title**: what, where, why"),
        ("What Worked", "What should stay as it is.", "- …"),
    ),
}
"""Kind of document → its sections: heading, purpose, and skeleton ("" if the text is in the template)."""
