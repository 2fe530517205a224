"""The prompt of a step in another format, from the prompt parts of the format. The same files give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from planmark.markdown.blocks import split_lines
from planmark.metrics.trace import profiled
from planmark.plans.format import Passage, PromptParts
from planmark.plans.model import NextStep, PlanState
from planmark.plans.preflight import PreflightFinding
from planmark.plans.roles import task_in_words
from planmark.prompts.budget import Dropped, OverBudgetError
from planmark.prompts.model_tiers import TIER_MEANINGS, Tier
from planmark.prompts.path_mentions import name_documents_once
from planmark.prompts.preflight_lines import preflight_lines
from planmark.prompts.prompt import (
    SHORT_LINES,
    UNMASKED_NOTE,
    Counter,
    Prompt,
    QuotedLines,
    ReadLines,
    Tokens,
    masked_kinds,
    with_names,
)
from planmark.prompts.render import render_template, tidy
from planmark.prompts.safety import SHARED_SAFETY
from planmark.prompts.stated_goal import goal_in
from planmark.text.credentials import MaskResult, mask_credentials
from planmark.text.mojibake import repair
from planmark.text.pluralize import line_range
from planmark.text.visible import visible
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import ReadText

TEMPLATE = "format_step.md.j2"
MAX_CODE = 12
"""Maximum number of code files per prompt; for more, the prompt states only their number."""


@profiled("context")
def format_prompt(
    state: PlanState,
    step: NextStep,
    parts: PromptParts,
    text: ReadText,
    settings: Settings,
    budget: int,
    counter: Counter,
    preflight: tuple[PreflightFinding, ...],
    exists: Callable[[str], bool],
) -> Prompt:
    """Return the prompt of a step. The prompt and its reading list together fit into the budget.

    `preflight` holds the findings of preflight about the item of the step. `exists` tells whether a file exists.

    Raises OverBudgetError if what must remain does not fit.
    """
    passages = list(parts.passages)
    while True:
        prompt = _draft(state, step, parts, passages, text, settings, budget, counter, preflight, exists)
        if prompt.tokens.total <= budget:
            return prompt
        if len(passages) <= parts.kept_count:
            subject = step.achievement or step.group or state.feature
            raise OverBudgetError(
                f"the prompt ({step.step} of {subject}) needs {prompt.tokens.total:,} tokens after all reductions, and "
                f"the budget is {budget:,}: raise the budget (`--budget`, `prompts.tokenBudget`)"
            )
        passages.pop()


def _draft(
    state: PlanState,
    step: NextStep,
    parts: PromptParts,
    passages: Sequence[Passage],
    text: ReadText,
    settings: Settings,
    budget: int,
    counter: Counter,
    preflight: tuple[PreflightFinding, ...],
    exists: Callable[[str], bool],
) -> Prompt:
    short_passages = [part for part in passages if part.end - part.start < SHORT_LINES]
    long = [part for part in passages if part.end - part.start >= SHORT_LINES]
    other_passages = [part for part in long if not any(_contains_passage(other, part) for other in long)]
    dropped = _dropped_passages(parts, passages, text, counter)
    tier = _tier(step, settings)
    item = next((achievement for achievement in state.achievements if step.ref and achievement.ref == step.ref), None)
    values = {
        **_heading(state, step, item.title if item else ""),
        **_values_of_parts(parts, text, settings, exists),
        "tier": tier,
        "safety": SHARED_SAFETY[step.step],
        "quoted": [
            {**part._asdict(), "name": name, "lines": _lines(part, text)} for part, name in with_names(short_passages)
        ],
        "read": other_passages,
        "dropped": dropped,
        # The task of a step that confirms one missing file says all of the finding.
        **preflight_lines(() if step.step == "confirm_state" and len(preflight) == 1 else preflight),
    }
    paths = {state.path, *parts.creates, *parts.updates, *(part.path for part in parts.passages)}
    rendered_text = visible(
        name_documents_once(tidy(_archived_line(state, step) + render_template(TEMPLATE, values)), paths)
    )
    masks = settings["prompts.maskSecrets"]
    shown_result = mask_credentials(rendered_text) if masks else MaskResult(rendered_text, {})
    read_lines = tuple(ReadLines(*part, _tokens(part, text, counter)) for part in other_passages)
    own, to_read = counter.count(shown_result.text), sum(part.tokens for part in read_lines)
    notes = (masked_kinds(shown_result.counts) if masks else UNMASKED_NOTE, *state.notes)
    return Prompt(
        plan=state.path,
        feature=state.feature,
        achievement=step.achievement,
        step=step.step,
        role=step.role,
        tier=tier.number,
        reason=step.reason,
        prompt=shown_result.text,
        tokens=Tokens(own, to_read, own + to_read, counter.name),
        budget=budget,
        read=read_lines,
        do_not_read=(),
        writes=parts.creates,
        dropped=dropped,
        notes=tuple(note for note in notes if note),
        ref=step.ref,
        group=step.group,
        preflight=preflight,
        quoted=tuple(QuotedLines(part.path, part.start, part.end, part.why) for part in short_passages),
    )


def _lines(part: Passage, text: ReadText) -> list[str]:
    return list(split_lines(repair(text(part.path)) or "\n")[part.start - 1 : part.end])


def _tokens(part: Passage, text: ReadText, counter: Counter) -> int:
    return counter.count("\n".join(_lines(part, text)))


def _dropped_passages(
    parts: PromptParts, passages: Sequence[Passage], text: ReadText, counter: Counter
) -> tuple[Dropped, ...]:
    """Return the passages of a step that a prompt leaves out."""
    return tuple(
        Dropped(
            part.why,
            f"{part.path} {line_range(part.start, part.end)}",
            _tokens(part, text, counter),
            part.path,
            part.start,
            part.end,
        )
        for part in parts.passages
        if part not in passages
    )


def _values_of_parts(
    parts: PromptParts, text: ReadText, settings: Settings, exists: Callable[[str], bool]
) -> dict[str, Any]:
    """Return the variables of the template that depend only on the parts and on the files of the workspace."""
    code = [(path, exists(path)) for path in parts.code if _is_inside(path) and path not in parts.updates]
    code += [
        (path, True) for path in parts.mentioned_paths if _is_inside(path) and path not in parts.code and exists(path)
    ]
    return {
        "goal": parts.goal,
        "rules": parts.rules,
        "plan_goal": next(filter(None, (goal_in(_lines(part, text)) for part in parts.stated)), ""),
        "code": code[:MAX_CODE],
        "code_more": max(0, len(code) - MAX_CODE),
        "forms": [(path, form.split("\n")) for path, form in parts.forms],
        "keeps": parts.keeps,
        "proves": parts.proves,
        "stops": parts.stops,
        "ends": parts.ends,
        "commit": parts.commit if settings["prompts.commit"] and exists(".git") else "",
        "writes": parts.creates,
        "updates": parts.updates,
    }


def _contains_passage(outer: Passage, inner: Passage) -> bool:
    """Tell whether a passage contains all lines of a different passage."""
    return outer is not inner and outer.path == inner.path and outer.start <= inner.start and inner.end <= outer.end


def _archived_line(state: PlanState, step: NextStep) -> str:
    """Return a first line for a step of an archived plan, in which work goes on only if a person wants it; else ""."""
    if state.lifecycle != "archived" or step.step == "closed":
        return ""
    return f"> {state.feature} is archived (`{state.path}`). Ask a person before you work on it.\n\n"


def _is_inside(path: str) -> bool:
    """Tell whether a normal path is inside the workspace, and not the whole workspace."""
    return path != "." and not path.startswith(("/", "~", "..")) and ":" not in path


def _heading(state: PlanState, step: NextStep, title: str) -> dict[str, object]:
    return {
        "feature": state.feature,
        "achievement": step.achievement or step.ref or step.group or "",
        "title": title,
        "role": step.role,
        "asks": task_in_words(step.step, state.format),
        "reason": step.reason,
        "state": _condition(state, step),
    }


def _condition(state: PlanState, step: NextStep) -> str:
    """Return the state of the plan for the heading; "" if the reason of the step says all."""
    if step.step == "closed":
        return ""
    return "no tasks" if state.state == "no_achievements" else state.state


def _tier(step: NextStep, settings: Settings) -> Tier:
    roles = settings["roles"]
    set_for_role = roles.get(step.role)
    by_role = isinstance(set_for_role, int) and set_for_role in TIER_MEANINGS
    number = set_for_role if by_role else step.tier
    model = roles.get(str(number), "")
    reason = f"the settings say so for the {step.role}" if by_role else TIER_MEANINGS[number]
    return Tier(number, model if isinstance(model, str) else "", reason)
