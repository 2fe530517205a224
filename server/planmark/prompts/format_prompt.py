"""The prompt of a step in a format other than the methodology. The format gives the content of the prompt as
`PromptParts`.
"""

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
from planmark.prompts.preflight_lines import preflight_variables
from planmark.prompts.prompt import (
    MAX_SHORT_PASSAGE_LINES,
    UNMASKED_NOTE,
    Counter,
    Prompt,
    QuotedLines,
    ReadLines,
    Tokens,
    masking_note,
    passages_with_names,
)
from planmark.prompts.render import render_template, tidy
from planmark.prompts.safety import SHARED_SAFETY_SENTENCES
from planmark.prompts.stated_goal import goal_in
from planmark.text.credentials import MaskResult, mask_credentials
from planmark.text.mojibake import repair_mojibake
from planmark.text.pluralize import line_range
from planmark.text.visible import visible
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import ReadText

TEMPLATE = "format_step.md.j2"
"""The name of the template of all prompts in this module."""
MAX_CODE_FILES = 12
"""Maximum number of code files that a prompt names. If there are more, the prompt states the number of the others."""


@profiled("context")
def prompt_in_format(
    state: PlanState,
    step: NextStep,
    parts: PromptParts,
    text: ReadText,
    settings: Settings,
    token_budget: int,
    counter: Counter,
    preflight: tuple[PreflightFinding, ...],
    exists: Callable[[str], bool],
) -> Prompt:
    """Return the prompt of a step. The prompt and its reading list together have at most `token_budget` tokens.

    `parts` is the content of the prompt, which the format gives. `text` returns the text of a document. `preflight`
    holds the findings of preflight about the item of the step. `exists` tells whether a file exists. Equal files give
    an equal prompt. Raises OverBudgetError if the prompt exceeds the budget even without the passages that may be left
    out.
    """
    passages = list(parts.passages)
    while True:
        prompt = _draft(state, step, parts, passages, text, settings, token_budget, counter, preflight, exists)
        if prompt.tokens.total <= token_budget:
            return prompt
        if len(passages) <= parts.kept_count:
            subject = step.achievement or step.group or state.feature
            raise OverBudgetError(
                f"the prompt ({step.step} of {subject}) needs {prompt.tokens.total:,} tokens after all reductions, and "
                f"the budget is {token_budget:,}: raise the budget (`--budget`, `prompts.tokenBudget`)"
            )
        passages.pop()


def _draft(
    state: PlanState,
    step: NextStep,
    parts: PromptParts,
    passages: Sequence[Passage],
    text: ReadText,
    settings: Settings,
    token_budget: int,
    counter: Counter,
    preflight: tuple[PreflightFinding, ...],
    exists: Callable[[str], bool],
) -> Prompt:
    """Return the prompt of a step with `passages` as its only passages, even if the prompt exceeds the budget."""
    short_passages = [passage for passage in passages if passage.end - passage.start < MAX_SHORT_PASSAGE_LINES]
    long_passages = [passage for passage in passages if passage.end - passage.start >= MAX_SHORT_PASSAGE_LINES]
    passages_to_read = [
        passage for passage in long_passages if not any(_contains_passage(outer, passage) for outer in long_passages)
    ]
    dropped = _dropped_passages(parts, passages, text, counter)
    tier = _tier_of_step(step, settings)
    item = next((achievement for achievement in state.achievements if step.ref and achievement.ref == step.ref), None)
    variables = {
        **_heading_variables(state, step, item.title if item else ""),
        **_variables_of_parts(parts, text, settings, exists),
        "tier": tier,
        "safety": SHARED_SAFETY_SENTENCES[step.step],
        "quoted": [
            {**passage._asdict(), "name": name, "lines": _passage_lines(passage, text)}
            for passage, name in passages_with_names(short_passages)
        ],
        "read": passages_to_read,
        "dropped": dropped,
        # If there is one finding, the task of the step `confirm_state` already says the same.
        **preflight_variables(() if step.step == "confirm_state" and len(preflight) == 1 else preflight),
    }
    paths = {state.path, *parts.creates, *parts.updates, *(passage.path for passage in parts.passages)}
    rendered_text = visible(
        name_documents_once(tidy(_archived_plan_warning(state, step) + render_template(TEMPLATE, variables)), paths)
    )
    is_masked = settings["prompts.maskSecrets"]
    masking = mask_credentials(rendered_text) if is_masked else MaskResult(rendered_text, {})
    read_lines = tuple(ReadLines(*passage, _passage_tokens(passage, text, counter)) for passage in passages_to_read)
    own_tokens, read_tokens = counter.count(masking.text), sum(passage.tokens for passage in read_lines)
    notes = (masking_note(masking.counts) if is_masked else UNMASKED_NOTE, *state.notes)
    return Prompt(
        plan=state.path,
        feature=state.feature,
        achievement=step.achievement,
        step=step.step,
        role=step.role,
        tier=tier.number,
        reason=step.reason,
        prompt=masking.text,
        tokens=Tokens(own_tokens, read_tokens, own_tokens + read_tokens, counter.name),
        budget=token_budget,
        read=read_lines,
        do_not_read=(),
        writes=parts.creates,
        dropped=dropped,
        notes=tuple(note for note in notes if note),
        ref=step.ref,
        group=step.group,
        preflight=preflight,
        quoted=tuple(QuotedLines(passage.path, passage.start, passage.end, passage.why) for passage in short_passages),
    )


def _passage_lines(passage: Passage, text: ReadText) -> list[str]:
    """Return the lines of a passage. Damaged emoji are repaired. `text` returns the text of a document."""
    return list(split_lines(repair_mojibake(text(passage.path)) or "\n")[passage.start - 1 : passage.end])


def _passage_tokens(passage: Passage, text: ReadText, counter: Counter) -> int:
    return counter.count("\n".join(_passage_lines(passage, text)))


def _dropped_passages(
    parts: PromptParts, passages: Sequence[Passage], text: ReadText, counter: Counter
) -> tuple[Dropped, ...]:
    """Return the passages of `parts` that are not in `passages`, each with its number of tokens."""
    return tuple(
        Dropped(
            passage.why,
            f"{passage.path} {line_range(passage.start, passage.end)}",
            _passage_tokens(passage, text, counter),
            passage.path,
            passage.start,
            passage.end,
        )
        for passage in parts.passages
        if passage not in passages
    )


def _variables_of_parts(
    parts: PromptParts, text: ReadText, settings: Settings, exists: Callable[[str], bool]
) -> dict[str, Any]:
    """Return the variables of the template that depend on `parts`, the settings and the files of the workspace."""
    code_files = [(path, exists(path)) for path in parts.code if _is_below_root(path) and path not in parts.updates]
    code_files += [
        (path, True)
        for path in parts.mentioned_paths
        if _is_below_root(path) and path not in parts.code and exists(path)
    ]
    return {
        "goal": parts.goal,
        "rules": parts.rules,
        "plan_goal": next(filter(None, (goal_in(_passage_lines(passage, text)) for passage in parts.stated)), ""),
        "code": code_files[:MAX_CODE_FILES],
        "code_more": max(0, len(code_files) - MAX_CODE_FILES),
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
    """Tell whether `outer` contains all lines of `inner`, which must be a different passage."""
    return outer is not inner and outer.path == inner.path and outer.start <= inner.start and inner.end <= outer.end


def _archived_plan_warning(state: PlanState, step: NextStep) -> str:
    """Return the first line of the prompt for an archived plan: the request to ask a person first.

    Return "" for other plans, and for the step `closed`.
    """
    if state.lifecycle != "archived" or step.step == "closed":
        return ""
    return f"> {state.feature} is archived (`{state.path}`). Ask a person before you work on it.\n\n"


def _is_below_root(path: str) -> bool:
    """Tell whether a path is below the root of the workspace. The path has no needless `.` and `..`."""
    return path != "." and not path.startswith(("/", "~", "..")) and ":" not in path


def _heading_variables(state: PlanState, step: NextStep, title: str) -> dict[str, object]:
    """Return the variables of a template for the heading of a prompt. `title` is the title of the item of the step."""
    return {
        "feature": state.feature,
        "achievement": step.achievement or step.ref or step.group or "",
        "title": title,
        "role": step.role,
        "asks": task_in_words(step.step, state.format),
        "reason": step.reason,
        "state": _state_for_heading(state, step),
    }


def _state_for_heading(state: PlanState, step: NextStep) -> str:
    """Return the state of the plan for the heading of a prompt; "" for the step `closed`, whose reason says enough."""
    if step.step == "closed":
        return ""
    return "no tasks" if state.state == "no_achievements" else state.state


def _tier_of_step(step: NextStep, settings: Settings) -> Tier:
    """Return the tier of a step: the tier that the settings give to its role, else the default tier of the step."""
    roles = settings["roles"]
    role_setting = roles.get(step.role)
    is_set_for_role = isinstance(role_setting, int) and role_setting in TIER_MEANINGS
    number = role_setting if is_set_for_role else step.tier
    model = roles.get(str(number), "")
    reason = f"the settings say so for the {step.role}" if is_set_for_role else TIER_MEANINGS[number]
    return Tier(number, model if isinstance(model, str) else "", reason)
