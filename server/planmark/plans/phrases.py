"""States, steps and progress in words and marks, as every output shows them."""

from __future__ import annotations

from planmark.plans.model import AchievementState, Group, PlanState, State
from planmark.plans.roles import task_in_words
from planmark.text.pluralize import counted_noun

STATE_MARKS: dict[State, str] = {
    "approved": "✓",
    "needs_fix": "✗",
    "fix_resolved": "↺",
    "design_placeholder": "…",
    "execution_blocked": "■",
    "active_execution": "▶",
    "next_execution": "▷",
    "awaiting_review": "?",
    "no_execution": "◐",
    "blocked": "□",
    "no_subplan": "○",
    "dropped": "–",
    "open": "○",
    "in_progress": "▶",
    "done": "✓",
    "unsupported": "!",
    "deferred": "–",
}
"""State → its mark in all outputs."""
MAX_NAMED_ITEMS = 3
"""Maximum number of items that the text of one state names."""


def name_in_words(name: str) -> str:
    """Return a state, a step or another fixed value of the results in words: `needs_fix` is `needs fix`."""
    return name.replace("_", " ")


_CLAUSES: dict[State, str] = {
    "approved": "is approved",
    "needs_fix": "needs a fix",
    "fix_resolved": "has a fix that waits for its review",
    "design_placeholder": "has placeholders to fill in",
    "execution_blocked": "has a blocked execution",
    "active_execution": "has an open execution",
    "next_execution": "waits for its next execution",
    "awaiting_review": "waits for its review",
    "no_execution": "has no execution",
    "blocked": "is blocked",
    "no_subplan": "has no SUBPLAN",
    "dropped": "is dropped",
    "open": "is open",
    "in_progress": "is in progress",
    "done": "is done",
    "unsupported": "is ticked, but a file of it does not exist",
    "deferred": "is deferred",
}
"""State → the predicate of a sentence about an item in this state."""


def in_state(name: str, state: State) -> str:
    """Return a sentence about a state, without its full stop: `1.2 needs a fix`."""
    return f"{name} {_CLAUSES[state]}"


def plan_state_label(state: PlanState) -> str:
    """Return the state of a plan in words; "closed" if it is complete and its Status says so."""
    return "closed" if state.next.step == "closed" else name_in_words(state.state)


def progress_bar(state: PlanState, width: int = 10) -> str:
    """Return the share of approved achievements as a bar, with its numbers: `███░░░░░░░ 2/6, 1 dropped`."""
    done_count, wanted_count, _ = progress_counts(state)
    filled_cells = width * done_count // wanted_count if wanted_count else 0
    return f"{'█' * filled_cells}{'░' * (width - filled_cells)} {progress_text(state)}"


def progress_counts(state: PlanState) -> tuple[int, int, int]:
    """Return the numbers of done, wanted and dropped (or deferred) items."""
    if state.progress is not None:
        return state.progress.done, state.progress.total, state.progress.deferred
    dropped = state.counts.get("dropped", 0)
    return state.counts.get("approved", 0), len(state.achievements) - dropped, dropped


def progress_text(state: PlanState, what: str = "") -> str:
    """Return `2/6`, or with `what`, `2/6 approved`; then the number of dropped or deferred items, if any."""
    done_count, wanted_count, dropped_count = progress_counts(state)
    remark = "dropped" if state.progress is None else "deferred"
    return f"{done_count}/{wanted_count}{f' {what}' if what else ''}{f', {dropped_count} {remark}' if dropped_count else ''}"


def files_text(state: PlanState) -> str:
    """Return the number of files to create that exist: `40 of 40 files exist`; "" if the plan names no file."""
    built_files = state.built_files
    return (
        f"{built_files.exist} of {counted_noun(built_files.creates, 'file exists', 'files exist')}"
        if built_files
        else ""
    )


def checked_text(group: Group) -> str:
    """Return the result of the check of a group and of its gate: `gaps found`, `gate 14/17`; "" without a result."""
    gate = f"gate {group.gate}" if group.gate else ""
    return ", ".join(part for part in (name_in_words(group.verification), gate) if part)


def is_next(state: PlanState, item: AchievementState) -> bool:
    """Tell whether the next step of a plan is about an item."""
    return item.ref == state.next.ref if state.next.ref else item.id == state.next.achievement


def state_label(item: AchievementState) -> str:
    """Return the state of an item in words: `approved`, or `waits for 2.1` if other items must be done first."""
    if item.state != "blocked" or not item.blocked_by:
        return name_in_words(item.state)
    more = f" and {len(item.blocked_by) - MAX_NAMED_ITEMS} more" if len(item.blocked_by) > MAX_NAMED_ITEMS else ""
    return f"waits for {', '.join(item.blocked_by[:MAX_NAMED_ITEMS])}{more}"


def item_in_state(name: str, item: AchievementState) -> str:
    """Return a sentence about the state of an item, without its full stop: `1.2 needs a fix`, `1.2 waits for 1.1`."""
    return f"{name} {state_label(item)}" if item.state == "blocked" and item.blocked_by else in_state(name, item.state)


def marked_label(item: AchievementState) -> str:
    """Return the state of an item in words, with its mark: `□ waits for 2.1`."""
    return f"{STATE_MARKS[item.state]} {state_label(item)}"


def next_label(state: PlanState) -> str:
    """Return the next step in words: `1.2: address the fix`; "" for a closed plan, which has no next step."""
    if state.next.step == "closed":
        return ""
    subject = state.next.achievement or state.next.ref or state.next.group
    return (
        f"{subject}: {task_in_words(state.next.step, state.format)}"
        if subject
        else task_in_words(state.next.step, state.format)
    )


def next_text(state: PlanState) -> str:
    """Return the next step and its role: `1.2: address the fix (executor)`; for a closed plan, "no next step" in words."""
    label = next_label(state)
    return f"{label} ({state.next.role})" if label else task_in_words(state.next.step, state.format)


def effort_text(state: PlanState) -> str:
    """Return the PLAN's estimate of the effort for open achievements; "" if the PLAN has no estimate."""
    effort = state.open_effort
    if not effort:
        return ""
    hours = f"{effort.low:g}" if effort.low == effort.high else f"{effort.low:g}-{effort.high:g}"
    return f"{hours} hours, by the PLAN's estimates"


def lifecycle_text(state: PlanState) -> str:
    """Return the lifecycle and its source: `paused (PLAN_PAY.md:3 **Status**: Paused)`; or only `active`."""
    evidence = state.lifecycle_evidence
    if evidence is None:
        return state.lifecycle
    where = "" if state.lifecycle_by == "folder" else f"{evidence.path.rpartition('/')[2]}:{evidence.line} "
    return f"{state.lifecycle} ({where}{evidence.says})"
