"""The parts of a hover text that are the same in every format."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from planmark.ide.document import MakeLink
from planmark.ide.features import CountTokens
from planmark.plans.model import AchievementState, PlanState
from planmark.plans.phrases import (
    built_files_text,
    lifecycle_text,
    marked_label,
    name_in_words,
    next_text,
    plan_state_label,
    progress_bar,
)
from planmark.plans.roles import task_in_words
from planmark.queries.holders import current_leases_of_plan, holder_and_end_in_words
from planmark.queries.item_order import item_name
from planmark.queries.status_facts import severity_counts
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.visible import as_markdown

MAX_HOVER_ENTRIES = 6
"""Maximum number of entries in each list of a hover: evidence, ready items, passages. After the evidence, a last line
gives the number of further entries.
"""


_UNSAFE_IN_TARGET = lazy_pattern(r"[()<>\\\x00-\x20\x7f]")
"""Characters that may occur in the URI of an editor, but that would end the target of a Markdown link."""


def plan_text(view: View, plan: AnyPlan, state: PlanState, make_link: MakeLink, count_tokens: CountTokens) -> str:
    """Return the hover text of a plan in any format."""
    diagnostic_counts = severity_counts(view.diagnostics_of(plan))
    lines = [
        f"**{markdown_link(state.feature, make_link(state.path, 0))}** · {plan_state_label(state)} · {progress_bar(state)}"
        + (f" · {files}" if (files := built_files_text(state)) else ""),
        *([as_markdown(lifecycle_text(state))] if state.lifecycle_by else []),
        f"**Next** {as_markdown(next_text(state))}{token_count_text(count_tokens, state.path, None)}  \n{as_markdown(state.next.reason)}",
    ]
    state_counts = ", ".join(f"{number} {name_in_words(name)}" for name, number in state.counts.items())
    if state_counts:
        lines.append(state_counts)
    if state.also_ready:
        lines.append(
            f"Also ready: {', '.join(f'{ready.achievement} {task_in_words(ready.step, state.format)}' for ready in state.also_ready[:MAX_HOVER_ENTRIES])}"
        )
    if diagnostic_counts.get("error") or diagnostic_counts.get("warning"):
        lines.append(f"{diagnostic_counts['error']} errors, {diagnostic_counts['warning']} warnings")
    return "\n\n".join(lines)


def evidence_lines(achievement: AchievementState, make_link: MakeLink) -> Iterator[str]:
    """Yield a Markdown list entry for each evidence of an item, at most MAX_HOVER_ENTRIES.

    If there is more evidence, a last entry says how much more.
    """
    for evidence in achievement.evidence[:MAX_HOVER_ENTRIES]:
        place_text = f"{evidence.path.rpartition('/')[2]}:{evidence.line}"
        yield f"- {markdown_link(place_text, make_link(evidence.path, evidence.line))} {as_markdown(evidence.says)}"
    if len(achievement.evidence) > MAX_HOVER_ENTRIES:
        yield f"- and {len(achievement.evidence) - MAX_HOVER_ENTRIES} more"


def holder_lines(view: View, state: PlanState, achievement: AchievementState) -> Iterator[str]:
    """Yield a line about the agent that holds an item; no line if no agent holds the item."""
    if lease := current_leases_of_plan(view.leases, state).get(item_name(achievement)):
        worktree_text = f" in {as_markdown(lease.worktree)}" if lease.worktree else ""
        yield f"**{as_markdown(holder_and_end_in_words(lease))}**{worktree_text}"


def state_and_holder_text(view: View, state: PlanState, achievement: AchievementState) -> str:
    """Return the state of an item with the mark of the state. If an agent holds the item, add the agent."""
    lease = current_leases_of_plan(view.leases, state).get(item_name(achievement))
    return marked_label(achievement) + (f" · {holder_and_end_in_words(lease)}" if lease else "")


def token_count_text(count_tokens: CountTokens, plan: str, achievement: str | None) -> str:
    """Return the number of tokens of a prompt, as words to append to a line; "" if the number is unknown.

    `plan` is the path of the plan. If `achievement` is None, the prompt is the next prompt of the plan.
    """
    token_count = count_tokens(plan, achievement)
    return f" · about {token_count:,} tokens" if token_count is not None else ""


def markdown_link(text: str, target: str) -> str:
    """Return a Markdown link to `target`.

    Characters of `text` or `target` that would end the link early are escaped.
    """
    return f"[{as_markdown(text)}]({_UNSAFE_IN_TARGET.sub(lambda match: quote(match[0]), target)})"
