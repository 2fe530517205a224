"""The prompt of a step: its text, with the lines to read and the files to write. Equal input gives equal bytes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.prompts import excerpts, output_paths
from planmark.formats.planmark.prompts.context import Material, lines_of, material_of
from planmark.formats.planmark.prompts.excerpts import MAX_BODY_LINES
from planmark.formats.planmark.prompts.file_formats import texts_to_write
from planmark.formats.planmark.prompts.instructions import (
    instruction_variables,
    paths_of_edits,
    sort_mentioned_first,
)
from planmark.formats.planmark.prompts.ladder import REDUCTIONS, ExcerptSource, sources_after
from planmark.formats.planmark.prompts.part_questions import FINDING_SEVERITIES, PART_HEADING, RESERVED_TOKENS
from planmark.formats.planmark.prompts.reading_ranges import (
    merge_neighbouring_ranges,
    ranges_to_quote,
    reading_list,
    without_trailing_blanks,
)
from planmark.formats.planmark.prompts.safety import safety_sentences_of
from planmark.formats.planmark.prompts.template_context import MAX_OPEN_BOXES, template_variables
from planmark.formats.planmark.prompts.through import DESIGN_STEPS, JOINED_STEPS
from planmark.formats.planmark.prompts.tiers import tier_of
from planmark.metrics.trace import Timer, profiled
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import NextStep, Role, Step
from planmark.plans.roles import soft_budget
from planmark.prompts.budget import Dropped, Excerpt, OverBudgetError, lines_left_out
from planmark.prompts.learned import NO_REFERENCES, template_variables_of
from planmark.prompts.model_tiers import tier_of_part
from planmark.prompts.path_mentions import name_documents_once
from planmark.prompts.preflight_lines import MAX_LISTED_FINDINGS, preflight_variables
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
    passages_with_names,
)
from planmark.prompts.render import RenderedPrompt, tidy
from planmark.text.credentials import MaskResult, mask_credentials
from planmark.text.masking import mask_texts
from planmark.text.pluralize import line_range
from planmark.text.visible import visible, visible_in_one_line
from planmark.workspace.reader import WorkspaceReader

SOURCES_BY_STEP: dict[Step, tuple[ExcerptSource, ...]] = {
    "address_fix": (
        *(excerpts.fix, excerpts.body, excerpts.design, excerpts.tests_without_commands),
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
"""Step → the sources of the lines that the prompt tells the agent to read, in order."""


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
    "parallel": (output_paths.parallel_json_path,),
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

    The prompt fits the budget together with the lines that it tells the agent to read. Raises OverBudgetError if they
    exceed the budget even after all reductions.
    """
    material = material_of(reader, plan, evaluation, step.achievement)
    if options.token_budget is None:
        options = options._replace(token_budget=reader.snapshot.settings["prompts.tokenBudget"])
    excerpt_sources: list[ExcerptSource] = list(SOURCES_BY_STEP[step.step])
    full_draft = draft = _draft(material, step, excerpt_sources, (), options)
    if step.step == "finish_execution":
        return _shorten_findings(material, step, draft, options).prompt
    if options.references != NO_REFERENCES and draft.budgeted_tokens > min(draft.prompt.budget, soft_budget(step.role)):
        plain_options = options._replace(references=NO_REFERENCES)
        plain_draft = _draft(material, step, excerpt_sources, (), plain_options)
        # References are left out if only the prompt without them suits the role, or if they exceed the budget.
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
    finding_count: int = MAX_LISTED_FINDINGS,
) -> Draft:
    """Return a draft of the prompt of `step`, with the excerpts from `sources`. The draft may exceed the budget.

    `dropped` says what reductions have left out. At most `finding_count` findings of preflight are shown.
    """
    reading = reading_list(material, sources)
    body_excerpts = _quotable_body(material, sources)
    remaining_excerpts = [excerpt for excerpt in reading if excerpt not in body_excerpts]
    # Agents for the parts of one step get the same quotations, so that a provider can cache the common prefix.
    quoted_excerpts = remaining_excerpts if options.part else ranges_to_quote(material, remaining_excerpts)
    excerpts_to_read = [excerpt for excerpt in remaining_excerpts if excerpt not in quoted_excerpts]
    paths_to_write = _paths_to_write(material, step, options)
    paths_to_create = tuple(path for path in paths_to_write if not material.snapshot.has(path))
    paths_to_update = [path for path in paths_to_write if material.snapshot.has(path)]
    passages = merge_neighbouring_ranges(quoted_excerpts)
    quoted_parts = [
        {**excerpt._asdict(), "name": name, "lines": without_trailing_blanks(material, excerpt)}
        for excerpt, name in passages_with_names(passages)
    ]
    paths_to_update += [path for path in paths_of_edits(material, step) if path not in paths_to_update]
    subplan = material.inputs.subplan if material.inputs else None
    if options.goes_on and subplan and "synthesize" in JOINED_STEPS[step.step] and subplan.path not in paths_to_update:
        paths_to_update.append(subplan.path)
    template_values = {**template_variables(material, step), **instruction_variables(material, step)}
    if options.goes_on and step.step in DESIGN_STEPS:
        template_values["formats"] = [*template_values["formats"], *texts_to_write(material, "create_execution")]
    task_paths = _paths_named_in_task(template_values, step, options)
    if step.step in ("complete_plan", "verify"):
        verdicts = {verdict.path for verdict in material.plan.verdicts}
        paths_to_update += [path for path in task_paths if path not in {*paths_to_update, *verdicts}]
    paths_to_avoid = _paths_not_to_read(material, step, reading, quoted_parts, (*paths_to_update, *task_paths))
    template_values |= {
        "read": excerpts_to_read,
        "quoted": quoted_parts,
        "body": [line for excerpt in body_excerpts for line in without_trailing_blanks(material, excerpt)],
        "writes": paths_to_create,
        "updates": paths_to_update,
        "do_not_read": paths_to_avoid,
        "safety": safety_sentences_of(step, options),
        "goes_on": options.goes_on,
        "onward": JOINED_STEPS[step.step] if options.goes_on and step.step not in DESIGN_STEPS else (),
        "log": output_paths.execution_path(material) if options.goes_on else "",
        "tests_left_out": any(part.what == "tests" for part in dropped),
        **preflight_variables(options.preflight, finding_count),
        **template_variables_of(options.references),
    }
    template_values |= _variables_without_repeated_lines(template_values, reading, quoted_excerpts)
    roles = material.snapshot.settings["roles"]
    tier = tier_of_part(options.part, roles) if options.part else tier_of(material, step)
    template_values |= {"tier": tier, "dropped": dropped, "findings": options.findings}
    template_values |= {"own": options.part, "work": options.work, "definitions": FINDING_SEVERITIES}
    rendered_prompt, mask_result = _render(material, step, template_values, paths_to_create, options)
    read_lines = tuple(ReadLines(*part, _token_count(material, part, options.counter)) for part in excerpts_to_read)
    own_tokens, tokens_to_read = _prompt_tokens(mask_result.text, options), sum(part.tokens for part in read_lines)
    notes = (
        rendered_prompt.note,
        _own_templates_in_words(rendered_prompt.own_template_paths),
        masking_note(mask_result.counts) if material.snapshot.settings["prompts.maskSecrets"] else UNMASKED_NOTE,
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
        prompt=mask_result.text,
        tokens=Tokens(own_tokens, tokens_to_read, own_tokens + tokens_to_read, options.counter.name),
        budget=options.token_budget or 0,
        read=read_lines,
        do_not_read=tuple(paths_to_avoid),
        writes=paths_to_create,
        dropped=dropped,
        notes=tuple(note for note in notes if note),
        part=options.part.name if options.part else None,
        preflight=options.preflight,
        similar=options.references.similar,
        patterns=options.references.patterns,
        quoted=tuple(QuotedLines(*quoted_excerpt) for quoted_excerpt in (*body_excerpts, *passages)),
        through=JOINED_STEPS[step.step] if options.goes_on else (),
    )
    return Draft(
        prompt,
        reading,
        _budgeted_tokens(mask_result.text, tokens_to_read, options) if options.part else own_tokens + tokens_to_read,
    )


def _paths_to_write(material: Material, step: NextStep, options: PromptOptions) -> list[str]:
    """Return the paths of the documents that a step writes."""
    if options.part and step.step == "research":
        return [output_paths.research_path(material, options.part.name)]
    path_functions = PATHS_TO_CREATE.get(step.step, ())
    if options.goes_on and step.step in DESIGN_STEPS:
        path_functions = (*path_functions, output_paths.execution_path)
    return [make_path(material) for make_path in path_functions]


def _render(
    material: Material,
    step: NextStep,
    template_values: dict[str, Any],
    written_paths: Sequence[str],
    options: PromptOptions,
) -> tuple[RenderedPrompt, MaskResult]:
    """Return the rendered template, and the finished text of the prompt.

    If the setting `prompts.maskSecrets` is on, credentials in the text are masked. `template_values` are the variables of
    the template. `written_paths` are the paths of the files that the step creates.
    """
    with Timer("render"):
        is_masking = material.snapshot.settings["prompts.maskSecrets"]
        rendered_prompt = options.renderer.render(
            step.step,
            mask_texts(template_values) if _is_template_input_masked(is_masking, options) else template_values,
        )
        full_text = tidy(_own_templates_line(rendered_prompt) + _lifecycle_line(material, step) + rendered_prompt.text)
        text = visible(name_documents_once(full_text, {*_document_paths(material), *written_paths}))
        return rendered_prompt, mask_credentials(text) if is_masking else MaskResult(text, {})


def _budgeted_tokens(text: str, tokens_to_read: int, options: PromptOptions) -> int:
    """Return the number of tokens that must fit the budget if `text` is the prompt of one part of a step.

    The number is the same for all parts of the step, so that all their prompts are shortened in the same way.
    """
    return _prefix_tokens(options.counter.count, text.partition(PART_HEADING)[0]) + tokens_to_read + RESERVED_TOKENS


def _prompt_tokens(text: str, options: PromptOptions) -> int:
    """Return the number of tokens of the prompt `text`.

    In the prompt of one part of a step, the beginning that all parts share is counted separately.
    """
    shared_text, mark, part_text = text.partition(PART_HEADING) if options.part else ("", "", text)
    return (_prefix_tokens(options.counter.count, shared_text) if shared_text else 0) + options.counter.count(
        mark + part_text
    )


@functools.lru_cache(maxsize=2)
def _prefix_tokens(count_tokens: Callable[[str], int], prefix: str) -> int:
    """Return the number of tokens of `prefix`, the beginning of a prompt that all parts of a step share.

    The result is cached, so that the tokens are counted once for all parts.
    """
    return count_tokens(prefix)


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


def _own_templates_line(rendered_prompt: RenderedPrompt) -> str:
    """Return a first line for the prompt that names the workspace's own templates.

    Return "" if the prompt was rendered only from templates of Planmark.
    """
    if not rendered_prompt.own_template_paths:
        return ""
    return f"> {_own_templates_in_words(rendered_prompt.own_template_paths)}. Its instructions are this workspace's, not Planmark's.\n\n"


def _own_templates_in_words(template_paths: Sequence[str]) -> str:
    """Return a sentence that says that the prompt is made from `template_paths`; "" if there are no such paths."""
    template_names = ", ".join(f"`{visible_in_one_line(path).replace('`', chr(39))}`" for path in template_paths)
    return (
        f"This prompt is made from the workspace's own template{'s' * (len(template_paths) > 1)} {template_names}"
        if template_paths
        else ""
    )


def _is_template_input_masked(is_masking: bool, options: PromptOptions) -> bool:
    """Tell whether to mask credentials already in the variables of the template.

    A template of a workspace could change how a credential is written. The credential would then not be recognized in
    the rendered text.
    """
    return is_masking and not options.renderer.is_trusted


def _lifecycle_line(material: Material, step: NextStep) -> str:
    """Return a first line for the prompt that states the lifecycle of the plan, with the evidence.

    Return "" if the plan is active or in the backlog, or if the step is `closed`.
    """
    state = material.evaluation.state
    evidence = state.lifecycle_evidence
    if evidence is None or step.step == "closed" or state.lifecycle in ("active", "backlog"):
        return ""
    evidence_text = f"`{evidence.path}`" + (f" line {evidence.line}" if state.lifecycle_by == "status" else "")
    return f"> {state.feature} is {state.lifecycle} ({evidence_text}: {evidence.says}). Ask a person before you work on it.\n\n"


def _fits_budget(draft: Draft) -> bool:
    """Tell whether the tokens of a draft fit the budget."""
    return draft.budgeted_tokens <= draft.prompt.budget


def _soft_budget_warning(role: Role, total_tokens: int, tokens_to_read: int) -> str:
    """Return a warning if `total_tokens` is more than suits the role; else "".

    `total_tokens` includes `tokens_to_read`, the tokens of the lines that the agent must read.
    """
    soft_limit = soft_budget(role)
    if total_tokens <= soft_limit:
        return ""
    advice = "split the achievement, or give it to a stronger tier (`**Model Tier**:` in the SUBPLAN)"
    return f"{total_tokens:,} tokens, of them {tokens_to_read:,} to read: more than the {soft_limit:,} that suit the {role}; {advice}"


def _variables_without_repeated_lines(
    template_values: dict[str, Any], reading: Sequence[Excerpt], quoted_excerpts: Sequence[Excerpt]
) -> dict[str, Any]:
    """Return the variables of the template that show the last iteration and the open boxes.

    Lines that the agent reads or gets quoted anyway are left out. `template_values` are all variables of the template.
    """

    def is_read(path: str, line: int) -> bool:
        """Tell whether a 1-based line of a document is in an excerpt of `reading`."""
        return any(excerpt.path == path and excerpt.start <= line <= excerpt.end for excerpt in reading)

    unread_items = [item for item in template_values["open_items"] if not is_read(item[0], item[1])]
    is_log_shown = template_values["log_is_empty"] or any(
        "open execution" in excerpt.why for excerpt in quoted_excerpts
    )
    return {
        "shown_iteration": [] if is_log_shown else template_values["iteration"],
        "shown_items": unread_items[:MAX_OPEN_BOXES],
        "shown_more": max(0, len(unread_items) - MAX_OPEN_BOXES),
    }


def _paths_named_in_task(template_values: dict[str, Any], step: NextStep, options: PromptOptions) -> list[str]:
    """Return the paths of the documents that the agent may read because the text of the task names them."""
    paths = [finding.path for finding in options.findings]
    paths += [path for path, _, _ in template_values["loose_ends"]] if step.step == "complete_plan" else []
    paths += [file for _, _, file, _ in template_values["waits_for"]] + [
        evidence.path for evidence in template_values["evidence"]
    ]
    return list(dict.fromkeys(paths))


def _paths_not_to_read(
    material: Material,
    step: NextStep,
    reading: Sequence[Excerpt],
    quoted_parts: Sequence[dict[str, object]],
    updates: Sequence[str],
) -> list[str]:
    """Return the paths of documents that the agent should not read: at most `MAX_PATHS_TO_AVOID`.

    Documents that the quoted text mentions come first. The documents in `reading` and in `updates` are excluded.
    """
    if step.step in ("finish_execution", "closed"):
        return []
    text = " ".join(str(part["lines"]) for part in quoted_parts)
    unneeded_paths = [
        path for path in excerpts.unneeded_documents(material, reading) if path not in updates and path != step.file
    ]
    return sort_mentioned_first(unneeded_paths, text)[:MAX_PATHS_TO_AVOID]


def _quotable_body(material: Material, sources: Sequence[ExcerptSource]) -> list[Excerpt]:
    """Return the excerpt of the achievement's body, as a list.

    Return [] if the body is too long to be quoted, or if the body is not among the sources.
    """
    if excerpts.body not in sources:
        return []
    body_excerpts = list(excerpts.body(material))
    return body_excerpts if all(excerpt.end - excerpt.start < MAX_BODY_LINES for excerpt in body_excerpts) else []


def _over_budget_message(draft: Draft, count_tokens: Callable[[Excerpt], int]) -> str:
    """Return the message for a draft that exceeds the budget after all reductions.

    `count_tokens` returns the number of tokens of an excerpt.
    """
    prompt = draft.prompt
    largest_excerpt = max(draft.reading, key=count_tokens, default=None)
    advice = "raise"
    if largest_excerpt:
        advice = f"split {largest_excerpt.path} {line_range(largest_excerpt.start, largest_excerpt.end)} ({count_tokens(largest_excerpt):,} tokens), or raise"
    subject = f"{prompt.step} of {prompt.achievement}" if prompt.achievement else prompt.step
    return (
        f"the prompt ({subject}) needs {draft.budgeted_tokens:,} tokens after all reductions, and the budget is "
        f"{prompt.budget:,}: {advice} the budget (`--budget`, `prompts.tokenBudget`)"
    )


def _token_count(material: Material, excerpt: Excerpt, counter: Counter) -> int:
    """Return the number of tokens in the lines of an excerpt."""
    return counter.count("\n".join(lines_of(material, excerpt.path)[excerpt.start - 1 : excerpt.end]))


def _shorten_findings(material: Material, step: NextStep, draft: Draft, options: PromptOptions) -> Draft:
    """Return a draft with fewer findings of preflight, so that the draft has at most `MAX_FINISHING_TOKENS` tokens.

    At least one finding stays, even if the draft then has more tokens.
    """
    finding_count = min(len(options.preflight), MAX_LISTED_FINDINGS)
    while draft.prompt.tokens.total > MAX_FINISHING_TOKENS and finding_count > 1:
        finding_count -= 1
        draft = _draft(material, step, (), (), options, finding_count)
    return draft
