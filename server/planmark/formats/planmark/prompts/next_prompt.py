"""The prompt of a step: what to read, what to write, and the text. The same files give the same bytes."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from typing import NamedTuple

from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.prompts import excerpts, output_paths
from planmark.formats.planmark.prompts.context import Material, lines_of, material_of
from planmark.formats.planmark.prompts.excerpts import QUOTED_LINES
from planmark.formats.planmark.prompts.ladder import LADDER, Source, after
from planmark.formats.planmark.prompts.template_context import MAX_FINDINGS, preflight_lines, variables
from planmark.formats.planmark.prompts.tiers import tier_of
from planmark.metrics.trace import Timer, profiled
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import NextStep, Role, Step
from planmark.plans.roles import soft_budget
from planmark.prompts.budget import Dropped, Excerpt, OverBudgetError, left_out
from planmark.prompts.model_tiers import tier_of_part
from planmark.prompts.parts import OWN, OWN_TOKENS, SEVERITIES
from planmark.prompts.prompt import (
    DEFAULT_OPTIONS,
    MAX_FINISHING,
    SHORT_LINES,
    UNMASKED,
    Counter,
    Prompt,
    PromptOptions,
    ReadLines,
    Tokens,
    masked_kinds,
)
from planmark.prompts.render import Rendered, tidy
from planmark.prompts.safety import SAFETY
from planmark.text.credentials import MaskResult, masked
from planmark.text.masking import masked_within
from planmark.text.pluralize import line_range
from planmark.text.visible import in_line, visible
from planmark.workspace.reader import WorkspaceReader

READING: dict[Step, tuple[Source, ...]] = {
    "address_fix": (excerpts.fix, excerpts.body, excerpts.design),
    "re_review": (excerpts.fix, excerpts.resolution, excerpts.body),
    "fill_subplan": (excerpts.body, excerpts.subplan),
    "fill_execution": (excerpts.design, excerpts.open_tasks),
    "unblock": (excerpts.blocked_tasks, excerpts.design),
    "continue_execution": (excerpts.open_tasks, excerpts.design, excerpts.checks),
    "next_execution": (excerpts.design, excerpts.checks, excerpts.learnings, excerpts.last_failed),
    "synthesize": (excerpts.subplan, excerpts.learnings),
    "request_review": (excerpts.body, excerpts.design, excerpts.checks, excerpts.done_tasks),
    "create_execution": (excerpts.design, excerpts.checks, excerpts.last_failed),
    "create_subplan": (excerpts.body, excerpts.handoff),
    "rename_document": (),
    "confirm_state": (),
    "complete_plan": (excerpts.handoff,),
    "closed": (),
    "define_achievements": (excerpts.plan,),
    "fill_plan": (excerpts.plan,),
    "update_index": (),
    "wait": (excerpts.body,),
    "pause": (excerpts.handoff_anyway,),
    "resume": (excerpts.handoff_anyway, excerpts.body, excerpts.design),
    "verify": (),
    "parallel": (excerpts.bodies_ready,),
    "review": (
        *(excerpts.body, excerpts.fix, excerpts.resolution),
        *(excerpts.plan_head, excerpts.subplan, excerpts.done_tasks),
    ),
    "research": (excerpts.body, excerpts.handoff),
    "finish_execution": (),
}
"""Step → the sources to read for it, in order."""


CREATES: dict[Step, tuple[Callable[[Material], str], ...]] = {
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
"""Step → the files that it creates; a review creates one of the two."""


@profiled("context")
def next_prompt(
    reader: WorkspaceReader,
    plan: PlanDocuments,
    evaluation: PlanEvaluation,
    step: NextStep,
    terms: PromptOptions = DEFAULT_OPTIONS,
) -> Prompt:
    """Return the prompt of `step`. Together with all that it tells to read, it fits into the budget.

    Raises OverBudgetError if the text that must remain does not fit.
    """
    material = material_of(reader, plan, evaluation, step.achievement)
    if terms.budget is None:
        terms = terms._replace(budget=reader.snapshot.settings["prompts.tokenBudget"])
    wanted: list[Source] = list(READING[step.step])
    everything = draft = _draft(material, step, wanted, (), terms)
    if step.step == "finish_execution":
        return _short(material, step, draft, terms).prompt
    for cut in LADDER:
        if _fits(draft):
            break
        if cut.source in wanted:
            wanted = after(wanted, cut)
            kept = _reading(material, wanted)
            dropped = left_out(everything.reading, kept, lambda read: _tokens(material, read, terms.counter))
            draft = _draft(material, step, wanted, tuple(dropped), terms)
    if not _fits(draft):
        raise OverBudgetError(_too_much(draft, lambda read: _tokens(material, read, terms.counter)))
    return draft.prompt


class Draft(NamedTuple):
    """A prompt that may not fit yet, all lines that it uses, quoted or named, and the tokens that have to fit."""

    prompt: Prompt
    reading: list[Excerpt]
    measure: int


def _draft(
    material: Material,
    step: NextStep,
    sources: Sequence[Source],
    dropped: tuple[Dropped, ...],
    terms: PromptOptions,
    findings: int = MAX_FINDINGS,
) -> Draft:
    reading = _reading(material, sources)
    body = _body(material, sources)
    besides = [read for read in reading if read not in body]
    # Agents that do parts of a step receive the same quotations, which a provider's cache of prefixes keeps.
    short = besides if terms.part else [read for read in besides if read.end - read.start < SHORT_LINES]
    named = [read for read in besides if read not in short]
    targets = [create(material) for create in CREATES.get(step.step, ())]
    if terms.part and step.step == "research":
        targets = [output_paths.research_path(material, terms.part.name)]
    writes = tuple(path for path in targets if not material.snapshot.has(path))
    updates = [path for path in targets if material.snapshot.has(path)]
    avoid = excerpts.siblings(material, reading) if reading or step.step != "finish_execution" else []
    values = {
        **variables(material, step),
        "read": named,
        "quoted": [{**read._asdict(), "lines": _trimmed(material, read)} for read in short],
        "body": [line for read in body for line in _trimmed(material, read)],
        "writes": writes,
        "updates": updates,
        "do_not_read": avoid,
        "safety": SAFETY[step.step],
        **preflight_lines(terms.preflight, findings),
    }
    roles = material.snapshot.settings["roles"]
    tier = tier_of_part(terms.part, roles) if terms.part else tier_of(material, step)
    values |= {"tier": tier, "dropped": dropped, "findings": terms.findings}
    values |= {"own": terms.part, "work": terms.work, "definitions": SEVERITIES}
    with Timer("render"):
        masks = material.snapshot.settings["prompts.maskSecrets"]
        rendered = terms.renderer.render(step.step, masked_within(values) if _hides(masks, terms) else values)
        text = visible(tidy(_foreword(rendered) + _set_aside(material, step) + rendered.text))
        shown = masked(text) if masks else MaskResult(text, {})
    read = tuple(ReadLines(*part, _tokens(material, part, terms.counter)) for part in named)
    own, to_read = terms.counter.count(shown.text), sum(part.tokens for part in read)
    notes = (
        rendered.note,
        _worded_by(rendered.own),
        masked_kinds(shown.counts) if masks else UNMASKED,
        _soft(step.role, own + to_read),
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
        prompt=shown.text,
        tokens=Tokens(own, to_read, own + to_read, terms.counter.name),
        budget=terms.budget or 0,
        read=read,
        do_not_read=tuple(avoid),
        writes=writes,
        dropped=dropped,
        notes=tuple(note for note in notes if note),
        part=terms.part.name if terms.part else None,
        preflight=terms.preflight,
    )
    return Draft(prompt, reading, _measure(shown.text, to_read, terms) if terms.part else own + to_read)


def _measure(text: str, to_read: int, terms: PromptOptions) -> int:
    """Return the tokens that have to fit: for all parts of a step the same, so that they are reduced in the same way."""
    return terms.counter.count(text.partition(OWN)[0]) + to_read + OWN_TOKENS


def _foreword(rendered: Rendered) -> str:
    """Return the first line of a prompt from a workspace's templates, which says whose words the prompt has."""
    if not rendered.own:
        return ""
    return f"> {_worded_by(rendered.own)}. Its instructions are this workspace's, not Planmark's.\n\n"


def _worded_by(own: Sequence[str]) -> str:
    named = ", ".join(f"`{in_line(path).replace('`', chr(39))}`" for path in own)
    return f"This prompt is made from the workspace's own template{'s' * (len(own) > 1)} {named}" if own else ""


def _hides(masks: bool, terms: PromptOptions) -> bool:
    """Tell whether to hide credentials even from the template.

    A template of a workspace could spell them differently, so that no mask recognizes them.
    """
    return masks and not terms.renderer.is_trusted


def _set_aside(material: Material, step: NextStep) -> str:
    """Return the first line of a prompt for a plan that is not worked on: its lifecycle and the evidence."""
    state = material.evaluation.state
    evidence = state.lifecycle_evidence
    if evidence is None or step.step == "closed" or state.lifecycle in ("active", "backlog"):
        return ""
    where = f"`{evidence.path}`" + (f" line {evidence.line}" if state.lifecycle_by == "status" else "")
    return f"> {state.feature} is {state.lifecycle} ({where}: {evidence.says}). Ask a person before you work on it.\n\n"


def _fits(draft: Draft) -> bool:
    return draft.measure <= draft.prompt.budget


def _soft(role: Role, total: int) -> str:
    measure = soft_budget(role)
    return f"{total:,} tokens: more than the {measure:,} that suit the {role}" if total > measure else ""


def _reading(material: Material, sources: Sequence[Source]) -> list[Excerpt]:
    """Return the lines of every source, without those that an earlier range already contains."""
    found: list[Excerpt] = []
    # The starts and ends of the widest ranges of each document: both ascend, since ranges inside others are left out.
    widest: dict[str, tuple[list[int], list[int]]] = {}
    for source in sources:
        for read in source(material):
            starts, ends = widest.setdefault(read.path, ([], []))
            at = bisect.bisect_right(starts, read.start)
            if at and ends[at - 1] >= read.end:
                continue
            found.append(read)
            at, behind = bisect.bisect_left(starts, read.start), bisect.bisect_right(ends, read.end)
            starts[at:behind], ends[at:behind] = [read.start], [read.end]
    return found


def _body(material: Material, sources: Sequence[Source]) -> list[Excerpt]:
    """Return the achievement's body if it is short enough to be quoted in the prompt; else []."""
    if excerpts.body not in sources:
        return []
    found = list(excerpts.body(material))
    return found if all(read.end - read.start < QUOTED_LINES for read in found) else []


def _trimmed(material: Material, read: Excerpt) -> list[str]:
    """Return the lines themselves, without blank lines at the end."""
    part = list(lines_of(material, read.path)[read.start - 1 : read.end])
    while part and not part[-1].strip():
        part.pop()
    return part


def _too_much(draft: Draft, count: Callable[[Excerpt], int]) -> str:
    prompt = draft.prompt
    largest = max(draft.reading, key=count, default=None)
    split = "raise"
    if largest:
        split = f"split {largest.path} {line_range(largest.start, largest.end)} ({count(largest):,} tokens), or raise"
    subject = f"{prompt.step} of {prompt.achievement}" if prompt.achievement else prompt.step
    return (
        f"the prompt ({subject}) needs {draft.measure:,} tokens after all reductions, and the budget is "
        f"{prompt.budget:,}: {split} the budget (`--budget`, `prompts.tokenBudget`)"
    )


def _tokens(material: Material, read: Excerpt, counter: Counter) -> int:
    return counter.count("\n".join(lines_of(material, read.path)[read.start - 1 : read.end]))


def _short(material: Material, step: NextStep, draft: Draft, terms: PromptOptions) -> Draft:
    """Return a draft with so few findings of preflight that it has at most `MAX_FINISHING` tokens."""
    findings = min(len(terms.preflight), MAX_FINDINGS)
    while draft.prompt.tokens.total > MAX_FINISHING and findings > 1:
        findings -= 1
        draft = _draft(material, step, (), (), terms, findings)
    return draft
