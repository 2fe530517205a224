"""The words and marks for states, steps and progress in all outputs."""

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
"""Mapping from a state to its mark in all outputs."""
MAX_NAMED_BLOCKERS = 3
"""Maximum number of blocking items in the label of a state."""


def name_in_words(name: str) -> str:
    """Return a name from the results, such as a state or a step, in words: `needs fix` for `needs_fix`."""
    return name.replace("_", " ")


_STATE_PREDICATES: dict[State, str] = {
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
    "unsupported": "is ticked, but a file that it creates does not exist",
    "deferred": "is deferred",
}
"""Mapping from a state to the predicate of a sentence about an item in this state."""


def state_sentence(name: str, state: State) -> str:
    """Return a sentence about the item `name` in a state, without the full stop: `1.2 needs a fix`."""
    return f"{name} {_STATE_PREDICATES[state]}"


def plan_state_label(state: PlanState) -> str:
    """Return the state of a plan in words; "closed" for a complete plan whose Status says that it is closed."""
    return "closed" if state.next.step == "closed" else name_in_words(state.state)


def progress_bar(state: PlanState, width: int = 10) -> str:
    """Return the share of done items as a bar of `width` characters, followed by numbers: `███░░░ 3/6, 1 dropped`."""
    done_count, wanted_count, _ = progress_counts(state)
    filled_cells = width * done_count // wanted_count if wanted_count else 0
    return f"{'█' * filled_cells}{'░' * (width - filled_cells)} {progress_text(state)}"


def progress_counts(state: PlanState) -> tuple[int, int, int]:
    """Return three numbers of items: done items, wanted items, and dropped or deferred items.

    Wanted items include done items. They do not include dropped or deferred items.
    """
    if state.progress is not None:
        return state.progress.done, state.progress.total, state.progress.deferred
    dropped_count = state.counts.get("dropped", 0)
    return state.counts.get("approved", 0), len(state.achievements) - dropped_count, dropped_count


def progress_text(state: PlanState, done_word: str = "") -> str:
    """Return the progress of a plan, such as `2/6`, or `2/6 approved` if `done_word` is `approved`.

    If items are dropped or deferred, their number follows: `2/6, 1 dropped`.
    """
    done_count, wanted_count, dropped_count = progress_counts(state)
    other_word = "dropped" if state.progress is None else "deferred"
    return f"{done_count}/{wanted_count}{f' {done_word}' if done_word else ''}{f', {dropped_count} {other_word}' if dropped_count else ''}"


def built_files_text(state: PlanState) -> str:
    """Return the number of files that a plan creates and that exist: `40 of 40 files exist`.

    Return "" if the plan names no files.
    """
    built_files = state.built_files
    return (
        f"{built_files.exist} of {counted_noun(built_files.creates, 'file exists', 'files exist')}"
        if built_files
        else ""
    )


def group_check_text(group: Group) -> str:
    """Return the written result of the check of a group, and the gate of the group: `gaps found, gate 14/17`.

    A value that the documents do not state is left out.
    """
    gate = f"gate {group.gate}" if group.gate else ""
    return ", ".join(part for part in (name_in_words(group.verification), gate) if part)


def is_next(state: PlanState, item: AchievementState) -> bool:
    """Tell whether the next step of a plan is about `item`."""
    return item.ref == state.next.ref if state.next.ref else item.id == state.next.achievement


def state_label(item: AchievementState) -> str:
    """Return the state of an item in words, such as `approved`. If other items block it, return `waits for 2.1`."""
    if item.state != "blocked" or not item.blocked_by:
        return name_in_words(item.state)
    more = f" and {len(item.blocked_by) - MAX_NAMED_BLOCKERS} more" if len(item.blocked_by) > MAX_NAMED_BLOCKERS else ""
    return f"waits for {', '.join(item.blocked_by[:MAX_NAMED_BLOCKERS])}{more}"


def item_state_sentence(name: str, item: AchievementState) -> str:
    """Return a sentence about the state of the item `name`, without the full stop.

    Examples are `1.2 needs a fix`, and `1.2 waits for 1.1` if the item 1.1 blocks it.
    """
    return (
        f"{name} {state_label(item)}"
        if item.state == "blocked" and item.blocked_by
        else state_sentence(name, item.state)
    )


def marked_label(item: AchievementState) -> str:
    """Return the mark and the words for the state of an item: `□ waits for 2.1`."""
    return f"{STATE_MARKS[item.state]} {state_label(item)}"


def next_label(state: PlanState) -> str:
    """Return the next step of a plan in words: `1.2: address the fix`; "" for a closed plan, which has no next step."""
    if state.next.step == "closed":
        return ""
    subject = state.next.achievement or state.next.ref or state.next.group
    return (
        f"{subject}: {task_in_words(state.next.step, state.format)}"
        if subject
        else task_in_words(state.next.step, state.format)
    )


def next_text(state: PlanState) -> str:
    """Return the next step of a plan in words, with its role: `1.2: address the fix (executor)`.

    For a closed plan, return the words of the step `closed`: `nothing, the plan is closed`.
    """
    label = next_label(state)
    return f"{label} ({state.next.role})" if label else task_in_words(state.next.step, state.format)


def effort_text(state: PlanState) -> str:
    """Return the estimated hours of the open achievements of a PLAN, in words; "" if the PLAN has no estimate."""
    effort = state.open_effort
    if not effort:
        return ""
    hours = f"{effort.low:g}" if effort.low == effort.high else f"{effort.low:g}-{effort.high:g}"
    return f"{hours} hours, by the PLAN's estimates"


def lifecycle_text(state: PlanState) -> str:
    """Return the lifecycle of a plan and the evidence for it: `paused (PLAN_PAY.md:3 **Status**: Paused)`.

    If there is no evidence, return only the lifecycle, such as `active`.
    """
    evidence = state.lifecycle_evidence
    if evidence is None:
        return state.lifecycle
    where = "" if state.lifecycle_by == "folder" else f"{evidence.path.rpartition('/')[2]}:{evidence.line} "
    return f"{state.lifecycle} ({where}{evidence.says})"
