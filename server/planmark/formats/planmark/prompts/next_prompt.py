"""The prompt of a step: its text, with the lines to read and the files to write. Equal input gives equal bytes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.prompts import excerpts, output_paths
from planmark.formats.planmark.prompts.context import Material, lines_of, material_of
from planmark.formats.planmark.prompts.excerpts import QUOTED_LINES
from planmark.formats.planmark.prompts.file_formats import file_formats
from planmark.formats.planmark.prompts.instructions import edited_documents, instructions, sort_mentioned_first
from planmark.formats.planmark.prompts.ladder import REDUCTIONS, ExcerptSource, sources_after
from planmark.formats.planmark.prompts.part_questions import FINDING_SEVERITIES, PART_HEADING, RESERVED_TOKENS
from planmark.formats.planmark.prompts.reading_ranges import (
    merge_neighbouring_ranges,
    ranges_to_quote,
    reading_list,
    without_trailing_blanks,
)
from planmark.formats.planmark.prompts.safety import safety_of
from planmark.formats.planmark.prompts.template_context import MAX_OPEN_ITEMS, variables
from planmark.formats.planmark.prompts.through import DESIGN_STEPS, THROUGH_STEPS
from planmark.formats.planmark.prompts.tiers import tier_of
from planmark.metrics.trace import Timer, profiled
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import NextStep, Role, Step
from planmark.plans.roles import soft_budget
from planmark.prompts.budget import Dropped, Excerpt, OverBudgetError, lines_left_out
from planmark.prompts.learned import NOTHING_LEARNED, learned_lines
from planmark.prompts.model_tiers import tier_of_part
from planmark.prompts.path_mentions import name_documents_once
from planmark.prompts.preflight_lines import MAX_FINDINGS, preflight_lines
from planmark.prompts.prompt import (
    DEFAULT_OPTIONS,
    MAX_FINISHING_TOKENS,
    UNMASKED_NOTE,
    Counter,
    Prompt,
    PromptOptions,
    QuotedLines,
    ReadLines,
    Tokens,
    masking_note,
    with_names,
)
from planmark.prompts.render import RenderedPrompt, tidy
from planmark.text.credentials import MaskResult, mask_credentials
from planmark.text.masking import mask_texts
from planmark.text.pluralize import line_range
from planmark.text.visible import visible, visible_in_one_line
from planmark.workspace.reader import WorkspaceReader

SOURCES_BY_STEP: dict[Step, tuple[ExcerptSource, ...]] = {
    "address_fix": (
        *(excerpts.fix, excerpts.body, excerpts.design, excerpts.described_tests),
        *(excerpts.headers_to_change, excerpts.blocked_tasks),
    ),
    "re_review": (excerpts.fix, excerpts.resolution, excerpts.body),
    "fill_subplan": (excerpts.body, excerpts.subplan),
    "fill_execution": (excerpts.design, excerpts.first_open_task),
    "unblock": (excerpts.blocked_tasks, excerpts.design),
    "continue_execution": (excerpts.first_open_task, excerpts.design_for_executor, excerpts.checks),
    "next_execution": (
        excerpts.design_for_executor,
        excerpts.checks,
        excerpts.learnings,
        excerpts.last_failed_execution,
    ),
    "synthesize": (excerpts.subplan, excerpts.learnings),
    "request_review": (excerpts.body, excerpts.design, excerpts.checks, excerpts.done_tasks),
    "create_execution": (excerpts.design_for_executor, excerpts.checks, excerpts.last_failed_execution),
    "create_subplan": (excerpts.body, excerpts.handoff),
    "rename_document": (),
    "confirm_state": (),
    "complete_plan": (excerpts.handoff,),
    "closed": (),
    "define_achievements": (excerpts.plan,),
    "fill_plan": (excerpts.plan,),
    "update_index": (),
    "wait": (excerpts.body,),
    "pause": (excerpts.handoff_even_if_stale,),
    "resume": (excerpts.handoff_even_if_stale, excerpts.body, excerpts.design),
    "verify": (),
    "parallel": (excerpts.ready_bodies,),
    "review": (
        *(excerpts.body, excerpts.fix, excerpts.resolution),
        *(excerpts.plan_head, excerpts.subplan, excerpts.done_tasks),
    ),
    "research": (excerpts.body, excerpts.handoff),
    "finish_execution": (),
}
"""Step → the sources that its prompt tells the agent to read, in order."""


MAX_PATHS_TO_AVOID = 5
"""Maximum number of documents per prompt that the agent is told not to read; more are omitted."""
PATHS_TO_CREATE: dict[Step, tuple[Callable[[Material], str], ...]] = {
    "address_fix": (output_paths.resolution_path,),
    "re_review": (lambda m: output_paths.verdict_path(m, "APPROVED"), lambda m: output_paths.verdict_path(m, "FIX")),
    "request_review": (
        lambda m: output_paths.verdict_path(m, "APPROVED"),
        lambda m: output_paths.verdict_path(m, "FIX"),
    ),
    "next_execution": (output_paths.execution_path,),
    "create_execution": (output_paths.execution_path,),
    "create_subplan": (output_paths.subplan_path,),
    "parallel": (output_paths.parallel_path,),
}
"""Step → functions that return the paths of the files that the step creates; a review creates one of its two files."""


@profiled("context")
def next_prompt(
    reader: WorkspaceReader,
    plan: PlanDocuments,
    evaluation: PlanEvaluation,
    step: NextStep,
    options: PromptOptions = DEFAULT_OPTIONS,
) -> Prompt:
    """Return the prompt of `step`.

    The prompt and the lines that it tells the agent to read fit the budget together. Raises OverBudgetError if the text
    that must remain exceeds the budget.
    """
    material = material_of(reader, plan, evaluation, step.achievement)
    if options.budget is None:
        options = options._replace(budget=reader.snapshot.settings["prompts.tokenBudget"])
    excerpt_sources: list[ExcerptSource] = list(SOURCES_BY_STEP[step.step])
    full_draft = draft = _draft(material, step, excerpt_sources, (), options)
    if step.step == "finish_execution":
        return _shorten_findings(material, step, draft, options).prompt
    if options.learned != NOTHING_LEARNED and draft.budgeted_tokens > min(draft.prompt.budget, soft_budget(step.role)):
        plain_options = options._replace(learned=NOTHING_LEARNED)
        plain_draft = _draft(material, step, excerpt_sources, (), plain_options)
        # References are left out if without them the prompt suits its role, or if with them it exceeds its budget.
        if plain_draft.budgeted_tokens <= soft_budget(step.role) or not _fits_budget(draft):
            options, full_draft, draft = plain_options, plain_draft, plain_draft
    for reduction in REDUCTIONS:
        if _fits_budget(draft):
            break
        if reduction.source in excerpt_sources:
            excerpt_sources = sources_after(excerpt_sources, reduction)
            kept_excerpts = reading_list(material, excerpt_sources)
            left_out = lines_left_out(
                full_draft.reading, kept_excerpts, lambda excerpt: _token_count(material, excerpt, options.counter)
            )
            draft = _draft(material, step, excerpt_sources, tuple(left_out), options)
    if not _fits_budget(draft):
        raise OverBudgetError(
            _over_budget_message(draft, lambda excerpt: _token_count(material, excerpt, options.counter))
        )
    return draft.prompt


class Draft(NamedTuple):
    """A prompt that may exceed the budget.

    `reading` contains the line ranges that the prompt quotes or names. `budgeted_tokens` is the number of tokens that
    must fit the budget.
    """

    prompt: Prompt
    reading: list[Excerpt]
    budgeted_tokens: int


def _draft(
    material: Material,
    step: NextStep,
    sources: Sequence[ExcerptSource],
    dropped: tuple[Dropped, ...],
    options: PromptOptions,
    finding_count: int = MAX_FINDINGS,
) -> Draft:
    reading = reading_list(material, sources)
    body = _quotable_body(material, sources)
    remaining_excerpts = [excerpt for excerpt in reading if excerpt not in body]
    # Agents for the parts of one step get the same quotations, so that a provider can cache the common prefix.
    quoted_excerpts = remaining_excerpts if options.part else ranges_to_quote(material, remaining_excerpts)
    excerpts_to_read = [excerpt for excerpt in remaining_excerpts if excerpt not in quoted_excerpts]
    targets = _paths_to_write(material, step, options)
    writes = tuple(path for path in targets if not material.snapshot.has(path))
    updates = [path for path in targets if material.snapshot.has(path)]
    passages = merge_neighbouring_ranges(quoted_excerpts)
    quoted_parts = [
        {**excerpt._asdict(), "name": name, "lines": without_trailing_blanks(material, excerpt)}
        for excerpt, name in with_names(passages)
    ]
    updates += [path for path in edited_documents(material, step) if path not in updates]
    subplan = material.inputs.subplan if material.inputs else None
    if options.goes_on and subplan and "synthesize" in THROUGH_STEPS[step.step] and subplan.path not in updates:
        updates.append(subplan.path)
    values = {**variables(material, step), **instructions(material, step)}
    if options.goes_on and step.step in DESIGN_STEPS:
        values["formats"] = [*values["formats"], *file_formats(material, "create_execution")]
    task_paths = _paths_of_task(values, step, options)
    if step.step in ("complete_plan", "verify"):
        verdicts = {verdict.path for verdict in material.plan.verdicts}
        updates += [path for path in task_paths if path not in {*updates, *verdicts}]
    paths_to_avoid = _paths_not_to_read(material, step, reading, quoted_parts, (*updates, *task_paths))
    values |= {
        "read": excerpts_to_read,
        "quoted": quoted_parts,
        "body": [line for excerpt in body for line in without_trailing_blanks(material, excerpt)],
        "writes": writes,
        "updates": updates,
        "do_not_read": paths_to_avoid,
        "safety": safety_of(step, options),
        "goes_on": options.goes_on,
        "onward": THROUGH_STEPS[step.step] if options.goes_on and step.step not in DESIGN_STEPS else (),
        "log": output_paths.execution_path(material) if options.goes_on else "",
        "tests_left_out": any(part.what == "tests" for part in dropped),
        **preflight_lines(options.preflight, finding_count),
        **learned_lines(options.learned),
    }
    values |= _without_repeated_lines(values, reading, quoted_excerpts)
    roles = material.snapshot.settings["roles"]
    tier = tier_of_part(options.part, roles) if options.part else tier_of(material, step)
    values |= {"tier": tier, "dropped": dropped, "findings": options.findings}
    values |= {"own": options.part, "work": options.work, "definitions": FINDING_SEVERITIES}
    rendered_prompt, shown_result = _render(material, step, values, writes, options)
    read_lines = tuple(ReadLines(*part, _token_count(material, part, options.counter)) for part in excerpts_to_read)
    own_tokens, tokens_to_read = _own_tokens(shown_result.text, options), sum(part.tokens for part in read_lines)
    notes = (
        rendered_prompt.note,
        _own_templates_in_words(rendered_prompt.own_template_paths),
        masking_note(shown_result.counts) if material.snapshot.settings["prompts.maskSecrets"] else UNMASKED_NOTE,
        _soft_budget_warning(step.role, own_tokens + tokens_to_read, tokens_to_read),
        *material.evaluation.state.notes,
    )
    prompt = Prompt(
        plan=material.plan.path,
        feature=material.plan.feature,
        achievement=step.achievement,
        step=step.step,
        role=step.role,
        tier=tier.number,
        reason=step.reason,
        prompt=shown_result.text,
        tokens=Tokens(own_tokens, tokens_to_read, own_tokens + tokens_to_read, options.counter.name),
        budget=options.budget or 0,
        read=read_lines,
        do_not_read=tuple(paths_to_avoid),
        writes=writes,
        dropped=dropped,
        notes=tuple(note for note in notes if note),
        part=options.part.name if options.part else None,
        preflight=options.preflight,
        similar=options.learned.similar,
        patterns=options.learned.patterns,
        quoted=tuple(QuotedLines(*read) for read in (*body, *passages)),
        through=THROUGH_STEPS[step.step] if options.goes_on else (),
    )
    return Draft(
        prompt,
        reading,
        _budgeted_tokens(shown_result.text, tokens_to_read, options) if options.part else own_tokens + tokens_to_read,
    )


def _paths_to_write(material: Material, step: NextStep, options: PromptOptions) -> list[str]:
    """Return the paths of the documents that a step writes."""
    if options.part and step.step == "research":
        return [output_paths.research_path(material, options.part.name)]
    creates = PATHS_TO_CREATE.get(step.step, ())
    if options.goes_on and step.step in DESIGN_STEPS:
        creates = (*creates, output_paths.execution_path)
    return [create(material) for create in creates]


def _render(
    material: Material, step: NextStep, values: dict[str, Any], written_paths: Sequence[str], options: PromptOptions
) -> tuple[RenderedPrompt, MaskResult]:
    """Return the rendered template, and the text of the prompt with masked credentials."""
    with Timer("render"):
        is_masking = material.snapshot.settings["prompts.maskSecrets"]
        rendered_prompt = options.renderer.render(
            step.step, mask_texts(values) if _is_template_input_masked(is_masking, options) else values
        )
        full_text = tidy(_foreword(rendered_prompt) + _lifecycle_line(material, step) + rendered_prompt.text)
        text = visible(name_documents_once(full_text, {*_document_paths(material), *written_paths}))
        return rendered_prompt, mask_credentials(text) if is_masking else MaskResult(text, {})


def _budgeted_tokens(text: str, tokens_to_read: int, options: PromptOptions) -> int:
    """Return the number of tokens that must fit the budget.

    The number is the same for all parts of a step, so all parts are reduced in the same way.
    """
    return _prefix_tokens(options.counter.count, text.partition(PART_HEADING)[0]) + tokens_to_read + RESERVED_TOKENS


def _own_tokens(text: str, options: PromptOptions) -> int:
    """Return the number of tokens of a prompt. The beginning that all parts of a step share is counted separately."""
    shared_text, mark, rest = text.partition(PART_HEADING) if options.part else ("", "", text)
    return (_prefix_tokens(options.counter.count, shared_text) if shared_text else 0) + options.counter.count(
        mark + rest
    )


@functools.lru_cache(maxsize=2)
def _prefix_tokens(count: Callable[[str], int], prefix: str) -> int:
    """Return the number of tokens of the beginning that all parts of a step share, counted once for all parts."""
    return count(prefix)


def _document_paths(material: Material) -> Iterator[str]:
    """Yield the paths of the documents of the plan."""
    plan = material.plan
    documents = (
        plan.document,
        *plan.subplans,
        *plan.executions,
        *plan.verdicts,
        *((plan.parallel,) if plan.parallel else ()),
    )
    yield from (document.path for document in documents)


def _foreword(rendered_prompt: RenderedPrompt) -> str:
    """Return a first line that names the workspace's own templates of the prompt; "" if there are none."""
    if not rendered_prompt.own_template_paths:
        return ""
    return f"> {_own_templates_in_words(rendered_prompt.own_template_paths)}. Its instructions are this workspace's, not Planmark's.\n\n"


def _own_templates_in_words(template_paths: Sequence[str]) -> str:
    template_names = ", ".join(f"`{visible_in_one_line(path).replace('`', chr(39))}`" for path in template_paths)
    return (
        f"This prompt is made from the workspace's own template{'s' * (len(template_paths) > 1)} {template_names}"
        if template_paths
        else ""
    )


def _is_template_input_masked(is_masking: bool, options: PromptOptions) -> bool:
    """Tell whether to mask credentials even in the input of the template.

    A template of a workspace could spell credentials differently, so that no mask recognizes them in its output.
    """
    return is_masking and not options.renderer.is_trusted


def _lifecycle_line(material: Material, step: NextStep) -> str:
    """Return a first line with the lifecycle and its evidence, for a plan that is not being worked on; else ""."""
    state = material.evaluation.state
    evidence = state.lifecycle_evidence
    if evidence is None or step.step == "closed" or state.lifecycle in ("active", "backlog"):
        return ""
    evidence_text = f"`{evidence.path}`" + (f" line {evidence.line}" if state.lifecycle_by == "status" else "")
    return f"> {state.feature} is {state.lifecycle} ({evidence_text}: {evidence.says}). Ask a person before you work on it.\n\n"


def _fits_budget(draft: Draft) -> bool:
    return draft.budgeted_tokens <= draft.prompt.budget


def _soft_budget_warning(role: Role, total: int, tokens_to_read: int) -> str:
    soft_limit = soft_budget(role)
    if total <= soft_limit:
        return ""
    advice = "split the achievement, or give it to a stronger tier (`**Model Tier**:` in the SUBPLAN)"
    return f"{total:,} tokens, of them {tokens_to_read:,} to read: more than the {soft_limit:,} that suit the {role}; {advice}"


def _without_repeated_lines(
    values: dict[str, Any], reading: Sequence[Excerpt], quoted_excerpts: Sequence[Excerpt]
) -> dict[str, Any]:
    """Return the variables for the last iteration and the open boxes, without lines that the agent gets anyway."""

    def is_read(path: str, line: int) -> bool:
        return any(excerpt.path == path and excerpt.start <= line <= excerpt.end for excerpt in reading)

    items = [item for item in values["open_items"] if not is_read(item[0], item[1])]
    is_shown = values["log_is_empty"] or any("open execution" in excerpt.why for excerpt in quoted_excerpts)
    return {
        "shown_iteration": [] if is_shown else values["iteration"],
        "shown_items": items[:MAX_OPEN_ITEMS],
        "shown_more": max(0, len(items) - MAX_OPEN_ITEMS),
    }


def _paths_of_task(values: dict[str, Any], step: NextStep, options: PromptOptions) -> list[str]:
    """Return the paths of the documents that the task itself is about, so that the agent may read them."""
    paths = [finding.path for finding in options.findings]
    paths += [path for path, _, _ in values["loose_ends"]] if step.step == "complete_plan" else []
    paths += [file for _, _, file, _ in values["waits_for"]] + [evidence.path for evidence in values["evidence"]]
    return list(dict.fromkeys(paths))


def _paths_not_to_read(
    material: Material,
    step: NextStep,
    reading: Sequence[Excerpt],
    quoted_parts: Sequence[dict[str, object]],
    updates: Sequence[str],
) -> list[str]:
    """Return the paths of documents that the agent should not read.

    Documents that the quoted text mentions come first. Documents to read or change are excluded.
    """
    if step.step in ("finish_execution", "closed"):
        return []
    text = " ".join(str(part["lines"]) for part in quoted_parts)
    unneeded_paths = [
        path for path in excerpts.unneeded_documents(material, reading) if path not in updates and path != step.file
    ]
    return sort_mentioned_first(unneeded_paths, text)[:MAX_PATHS_TO_AVOID]


def _quotable_body(material: Material, sources: Sequence[ExcerptSource]) -> list[Excerpt]:
    """Return the line range of the achievement's body if the body is short enough to be quoted; else []."""
    if excerpts.body not in sources:
        return []
    other_excerpts = list(excerpts.body(material))
    return other_excerpts if all(excerpt.end - excerpt.start < QUOTED_LINES for excerpt in other_excerpts) else []


def _over_budget_message(draft: Draft, count: Callable[[Excerpt], int]) -> str:
    prompt = draft.prompt
    largest = max(draft.reading, key=count, default=None)
    advice = "raise"
    if largest:
        advice = f"split {largest.path} {line_range(largest.start, largest.end)} ({count(largest):,} tokens), or raise"
    subject = f"{prompt.step} of {prompt.achievement}" if prompt.achievement else prompt.step
    return (
        f"the prompt ({subject}) needs {draft.budgeted_tokens:,} tokens after all reductions, and the budget is "
        f"{prompt.budget:,}: {advice} the budget (`--budget`, `prompts.tokenBudget`)"
    )


def _token_count(material: Material, excerpt: Excerpt, counter: Counter) -> int:
    return counter.count("\n".join(lines_of(material, excerpt.path)[excerpt.start - 1 : excerpt.end]))


def _shorten_findings(material: Material, step: NextStep, draft: Draft, options: PromptOptions) -> Draft:
    """Return a draft with at most `MAX_FINISHING_TOKENS` tokens, by leaving out findings of preflight.

    At least one finding stays, even if the draft is larger.
    """
    finding_count = min(len(options.preflight), MAX_FINDINGS)
    while draft.prompt.tokens.total > MAX_FINISHING_TOKENS and finding_count > 1:
        finding_count -= 1
        draft = _draft(material, step, (), (), options, finding_count)
    return draft
