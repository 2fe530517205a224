"""The parts of a hover text that are the same in every format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from planmark.ide.document import MakeLink
from planmark.ide.features import CountTokens
from planmark.plans.model import AchievementState, PlanState
from planmark.plans.phrases import (
    files_text,
    lifecycle_text,
    marked_label,
    name_in_words,
    next_text,
    plan_state_label,
    progress_bar,
)
from planmark.plans.roles import task_in_words
from planmark.queries.holders import current_leases_of_plan, holder_until
from planmark.queries.item_order import item_name
from planmark.queries.status_facts import severity_counts
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.visible import as_markdown

MAX_LINES_OF_KIND = 6
"""Maximum number of lines of one kind in a hover. A last line gives the number of further lines."""


_UNSAFE_IN_TARGET = re.compile(r"[()<>\\\x00-\x20\x7f]")
"""Characters that may occur in the URI of an editor, but that would end the target of a Markdown link."""


def plan_text(view: View, plan: AnyPlan, state: PlanState, link: MakeLink, cost: CountTokens) -> str:
    """Return the hover text of a plan in any format."""
    counts = severity_counts(view.diagnostics_of(plan))
    lines = [
        f"**{markdown_link(state.feature, link(state.path, 0))}** · {plan_state_label(state)} · {progress_bar(state)}"
        + (f" · {files}" if (files := files_text(state)) else ""),
        *([as_markdown(lifecycle_text(state))] if state.lifecycle_by else []),
        f"**Next** {as_markdown(next_text(state))}{cost_text(cost, state.path, None)}  \n{as_markdown(state.next.reason)}",
    ]
    by_state = ", ".join(f"{number} {name_in_words(name)}" for name, number in state.counts.items())
    if by_state:
        lines.append(by_state)
    if state.also_ready:
        lines.append(
            f"Also ready: {', '.join(f'{ready.achievement} {task_in_words(ready.step, state.format)}' for ready in state.also_ready[:MAX_LINES_OF_KIND])}"
        )
    if counts.get("error") or counts.get("warning"):
        lines.append(f"{counts['error']} errors, {counts['warning']} warnings")
    return "\n\n".join(lines)


def evidence_lines(achievement: AchievementState, link: MakeLink) -> Iterator[str]:
    """Yield the evidence of an item as a list of at most MAX_LINES_OF_KIND entries, and the number of further entries."""
    for evidence in achievement.evidence[:MAX_LINES_OF_KIND]:
        where = f"{evidence.path.rpartition('/')[2]}:{evidence.line}"
        yield f"- {markdown_link(where, link(evidence.path, evidence.line))} {as_markdown(evidence.says)}"
    if len(achievement.evidence) > MAX_LINES_OF_KIND:
        yield f"- and {len(achievement.evidence) - MAX_LINES_OF_KIND} more"


def holder_lines(view: View, state: PlanState, achievement: AchievementState) -> Iterator[str]:
    """Yield the line about the agent that holds an item, if there is one."""
    if lease := current_leases_of_plan(view.leases, state).get(item_name(achievement)):
        where = f" in {as_markdown(lease.worktree)}" if lease.worktree else ""
        yield f"**{as_markdown(holder_until(lease))}**{where}"


def state_and_holder(view: View, state: PlanState, achievement: AchievementState) -> str:
    """Return the state of an item with its mark, and the agent that holds the item."""
    lease = current_leases_of_plan(view.leases, state).get(item_name(achievement))
    return marked_label(achievement) + (f" · {holder_until(lease)}" if lease else "")


def cost_text(cost: CountTokens, plan: str, achievement: str | None) -> str:
    """Return the number of tokens of a prompt in words; "" if the number is unknown."""
    tokens = cost(plan, achievement)
    return f" · about {tokens:,} tokens" if tokens is not None else ""


def markdown_link(text: str, target: str) -> str:
    """Return a Markdown link, with escapes in its text and path so that neither ends the link early."""
    return f"[{as_markdown(text)}]({_UNSAFE_IN_TARGET.sub(lambda match: quote(match[0]), target)})"
