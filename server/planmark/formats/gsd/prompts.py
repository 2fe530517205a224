"""Prompts for a step of GSD, and the actions of GSD that replace Planmark's own commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import planmark.formats.gsd.layout as layout
import planmark.formats.gsd.passages as passages
from planmark.formats.checkbox.passages import whole_document_passage, without_repetitions
from planmark.formats.checkbox.prompts import (
    ASK_PERSON_RULES,
    FORM_END_CONDITIONS,
    REPORT_END_CONDITION,
    PromptSentences,
    fill_sentences,
)
from planmark.formats.checkbox.situation import feature_argument, list_in_words, shell_quoted
from planmark.formats.gsd.evaluate import clauses_about_unproved_phases
from planmark.formats.gsd.forms import FORMS_BY_STEP
from planmark.formats.gsd.phases import PhasePlan, PhaseTree
from planmark.formats.gsd.tree import Tree
from planmark.formats.gsd.work_scopes import scopes
from planmark.plans.format import Passage, PlanInput, PromptParts
from planmark.plans.model import NextStep, PlanState, Step

CONFLICT_RULE = (
    "`{conflicted}` has an unresolved merge conflict in line {conflict}: stop and ask for it to be resolved."
)
WORDINGS: Mapping[Step, PromptSentences] = {
    "execute_plan": PromptSentences(
        (
            "Execute the plan {id} of phase {phase}: `{plan}`.",
            "In GSD, this is a part of `/gsd:execute-phase {phase}`.",
        ),
        (
            CONFLICT_RULE,
            "ROADMAP says that phase {claimed} is complete. Ask first whether to confirm that, or to execute the plan.",
            "ROADMAP ticks {ticked}, although it has no SUMMARY. Find out first whether the work was done, and ask if in doubt.",
            "Read the settings in `{config}` first.",
            "Read the plan. Beside the list above, read the files that it names with `@`, as far as a `<task>` needs them.",
            "Look for earlier work: `git log --oneline --grep={id}`.",
            "If there are commits for {id}, the work was interrupted: inspect it, and do not run the plan again.",
            "The plan is the instruction. Read the files in `<read_first>` before any edit.",
            "Do each `<task>` in order.",
            "Commit each task alone, with `({id})` behind the type in its subject, as in `feat({id}): add the form`.",
        ),
        update_rules=(
            "After the commits of the code, write `{summary}`, and commit it at once.",
            "If this plan is executed in parallel with {others}, stop there: the agent that started the wave updates STATE and ROADMAP.",
            "Only then update {documents}: `gsd-tools state advance-plan` and `gsd-tools roadmap update-plan-progress {phase}`.",
            "Without these tools, tick the plan with `{tick}`, or correct `{box}` by hand.",
            "Never tick ROADMAP without the SUMMARY.",
        ),
        proof_rules=(
            "Verify each `<task>` when it is done: check every acceptance criterion with its command, and write command and result into the SUMMARY.",
        ),
        stop_rules=(
            "If a check fails, try to mend it twice at most, then stop and report.",
            "At a `checkpoint:` task, stop and wait for the user. Never answer it yourself.",
            "This plan is not autonomous: {checkpoint} will stop at a checkpoint.",
            "Before a change of the architecture, stop and ask.",
            "An authentication error is a checkpoint, not a failure.",
        ),
        end_conditions=(
            "every `<task>` is done and its acceptance criteria hold, or you have said what is left",
            "the SUMMARY says what was built, and nothing of its form with `…` is left",
            REPORT_END_CONDITION,
        ),
    ),
    "plan_phase": PromptSentences(
        ("Plan phase {phase}, {title}.", "In GSD, this is `/gsd:plan-phase {phase}`, after `/clear`."),
        (
            CONFLICT_RULE,
            "If GSD is installed, run `/gsd:plan-phase {phase}` (`/gsd-plan-phase {phase}` in other agents).",
            "Phase {undiscussed} has no CONTEXT: ask the user whether to begin with `/gsd:discuss-phase {undiscussed}`.",
            "ROADMAP lists {listed}, without a PLAN: keep these numbers.",
            "Write the first plan as `{next_plan}` and number the others on from it, each small enough for one session.",
            "A plan is in wave 1, or in the wave behind the last plan that it depends on.",
            "Every requirement and every success criterion of the phase is answered by a plan.",
            "Plans of one wave must not change the same files.",
        ),
        update_rules=(
            "List the plans in ROADMAP with open boxes, as `- [ ] {next_plan_name} — …` with what each does.",
        ),
        stop_rules=ASK_PERSON_RULES,
        end_conditions=FORM_END_CONDITIONS,
    ),
    "discuss_phase": PromptSentences(
        (
            "Discuss phase {phase}, {title}, with the user.",
            "In GSD, this is `/gsd:discuss-phase {phase}`, after `/clear`.",
        ),
        (
            CONFLICT_RULE,
            "Nothing says yet what phase {phase} is for: ask the user for its goal, its limits, and what to leave out.",
            "Ask about one thing at a time, and offer choices with their consequences.",
            "Decide nothing for the user. Plan nothing yet.",
        ),
        update_rules=("Write the decisions to `{context}`, and the goal into ROADMAP.",),
        end_conditions=FORM_END_CONDITIONS,
    ),
    "close_gaps": PromptSentences(
        ("Plan how to close the gaps of phase {phase}, {title}.", "In GSD, this is `/gsd:plan-phase {phase} --gaps`."),
        (
            CONFLICT_RULE,
            "Read the gaps, and compare each one with the code: some may be closed by now.",
            "Write a plan for the others as `{next_plan}`, with `gap_closure: true`.",
            "Do not change the VERIFICATION: it is written again after the plans were executed.",
        ),
        update_rules=("List the new plans in ROADMAP with open boxes.",),
        stop_rules=ASK_PERSON_RULES,
        end_conditions=FORM_END_CONDITIONS,
    ),
    "verify_work": PromptSentences(
        ("Verify the work of phase {phase}, {title}.", "In GSD, this is `/gsd:verify-work {phase}`, after `/clear`."),
        (
            CONFLICT_RULE,
            "Compare each success criterion and each `must_haves.truths` with the code.",
            "A SUMMARY is a claim: open the files that it names.",
        ),
        update_rules=(
            "Write the result to `{verification}`, with `status: passed`, `gaps_found` or `human_needed`.",
            "Only `passed` lets the box of the phase be ticked. For gaps, `/gsd:plan-phase {phase} --gaps` comes next.",
        ),
        proof_rules=("Run all tests, and write each command with its result into the VERIFICATION.",),
        stop_rules=(
            "Where a person has to look, show the user what to do and what to expect, and wait for the answer.",
        ),
        end_conditions=FORM_END_CONDITIONS,
    ),
    "complete_milestone": PromptSentences(
        (
            "Complete the milestone{milestone}: no phase is left.",
            "In GSD, this is `/gsd:complete-milestone`, after `/clear`.",
        ),
        (
            CONFLICT_RULE,
            "Compare what ROADMAP says with the files first: `planmark check` lists the contradictions.",
            "{unproved}: ask the user.",
            "Check that every requirement of the milestone is met, and that every VERIFICATION has passed.",
            "Archive the milestone only with `/gsd:complete-milestone`, after the user agreed.",
        ),
        stop_rules=("If something is missing, propose a phase for it, and stop.",),
        end_conditions=(REPORT_END_CONDITION,),
    ),
    "confirm_state": PromptSentences(
        (
            "Find out whether the work on {feature} goes on.",
            "There is no `{missing_roadmap}`, but {id} has no SUMMARY.",
        ),
        (
            "Look for ROADMAP in the history: `git log --oneline --all -- {missing_roadmap}`.",
            "Look for commits of the plan: `git log --oneline --grep={id}`.",
            "If the milestone was closed, propose to move the phase to the archive.",
            "If it was not, propose to bring ROADMAP back, or to write a new one.",
        ),
        end_conditions=("you have said what you found, and changed nothing before a person has decided",),
    ),
    "wait": PromptSentences(
        (
            "No plan of {stuck} can be executed now.",
            "{id} waits for {blockers}.",
            "`{first}` gives the work that comes first.",
        ),
        (
            CONFLICT_RULE,
            "Say what each open plan waits for, and whether that is still true.",
            "If plans wait for each other in a circle, say which `depends_on` should change.",
        ),
        end_conditions=("you have said what has to come first, and changed no file; then you stop",),
    ),
    "closed": PromptSentences(
        ("Nothing is left to do for {subject}.",),
        (
            "A new milestone begins with `/gsd:new-milestone`.",
            "If you think that work is missing, propose a phase for it, and stop.",
        ),
    ),
}
"""Step → the sentences of its prompt, with the names of values in braces."""
COMMAND_REPLACEMENTS: Mapping[str, str] = {
    "verdict": "`/gsd:verify-work N` writes the VERIFICATION of a phase",
    "create": "`/gsd:plan-phase N` writes the plans of a phase, or see `planmark next`",
    "new": "`/gsd:new-project` begins a project, `/gsd:new-milestone` a milestone",
    "adopt": "there is nothing to adopt, because the files of `.planning/` are what counts",
    "close": "`/gsd:complete-milestone` closes a milestone",
    "archive": "`/gsd:complete-milestone` moves a milestone to `.planning/milestones/`",
    "pause": "`/gsd:pause-work` writes down where the work stands",
    "resume": "`/gsd:resume-work` continues the work, or see `planmark next`",
    "drop": "`/gsd:remove-phase N` removes a phase, or strike its line in ROADMAP through (`~~Phase 4~~`)",
}
"""Command of Planmark → the action of GSD that replaces it."""


class _Subject(NamedTuple):
    """The subject of a step: a plan with its phase, or a phase, or neither."""

    tree: Tree
    plan: PhasePlan | None
    phase: PhaseTree | None


PassageSource = Callable[[_Subject], Iterable[Passage]]
"""A function that returns passages about a subject, for the reading list."""


def prompt(plan_input: PlanInput, state: PlanState, step: NextStep) -> PromptParts:
    """Return the parts of the prompt for a step."""
    tree = Tree(plan_input)
    plan = next((plan_file for plan_file in tree.plans if step.ref is not None and plan_file.ref == step.ref), None)
    phase = plan.phase if plan else tree.phase(step.group) if step.group else None
    subject = _Subject(tree, plan, phase)
    sentences = WORDINGS.get(step.step) or WORDINGS["closed"]
    values = _values(subject, state)
    kept_sources, other_sources = READINGS_BY_STEP.get(step.step, ((), ()))
    kept_passages = without_repetitions(part for source in kept_sources for part in source(subject))
    all_passages = without_repetitions(
        [*kept_passages, *(part for source in other_sources for part in source(subject))]
    )
    changes_documents = step.step in ("execute_plan", "plan_phase", "close_gaps", "discuss_phase")
    path_key, form_text = FORMS_BY_STEP.get(step.step, ("", ""))
    written_path = values.get(path_key, "")
    progress_paths = [tree.roadmap_path]
    if step.step == "execute_plan":
        progress_paths = [path for _, path in _progress_documents(tree)]
    return PromptParts(
        goal=" ".join(fill_sentences(sentences.goal, values)) or f"{step.reason}.",
        rules=tuple(fill_sentences(sentences.rules, values)),
        passages=tuple(all_passages),
        kept_count=len(kept_passages),
        updates=tuple(path for path in (*progress_paths, written_path) if path in plan_input.documents)
        if changes_documents or written_path
        else (),
        creates=(written_path,) if written_path and written_path not in plan_input.documents else (),
        forms=((written_path, form_text.strip()),) if written_path else (),
        stated=tuple(_goal_passages(subject)),
        code=scopes(plan_input)[plan.ref].files if plan and step.step == "execute_plan" else (),
        keeps=tuple(fill_sentences(sentences.update_rules, values)),
        proves=tuple(fill_sentences(sentences.proof_rules, values)),
        stops=tuple(fill_sentences(sentences.stop_rules, values)),
        ends=tuple(fill_sentences(sentences.end_conditions, values)),
    )


def _progress_documents(tree: Tree) -> tuple[tuple[str, str], ...]:
    """Return the name and the path of each document that says how far the work is.

    The path of a document that does not exist is "", or a path without a file.
    """
    requirements = f"{tree.site.folder}/REQUIREMENTS.md"
    return ("STATE", tree.state_path), ("ROADMAP", tree.roadmap_path), ("REQUIREMENTS", requirements)


def _goal_passages(subject: _Subject) -> Iterator[Passage]:
    """Yield the document that says what the project is for, and the passages about the phase in ROADMAP."""
    project_path = f"{subject.tree.site.folder}/PROJECT.md"
    yield from whole_document_passage(subject.tree.plan_input, project_path, "what the project is for")
    yield from _phase_passages(subject)


def _values(subject: _Subject, state: PlanState) -> dict[str, str]:
    """Return the values for the sentences of a prompt, by their names in braces.

    A sentence with an empty value is left out.
    """
    tree, plan, phase = subject
    folder = tree.site.folder
    milestone = tree.state_facts.milestone if tree.state_facts else ""
    values = {
        "feature": state.feature,
        "stuck": state.feature if state.next.step == "wait" else "",
        "first": "" if state.next.step in ("wait", "closed") else f"planmark next {feature_argument(state.feature)}",
        "documents": list_in_words(
            [name for name, path in _progress_documents(tree) if path in tree.plan_input.documents]
        ),
        "subject": f"phase {phase.id}" if phase else state.feature,
        "roadmap": tree.roadmap_path,
        "missing_roadmap": "" if tree.roadmap_path else f"{folder}/ROADMAP.md",
        "conflicted": tree.conflicts[0][0] if tree.conflicts else "",
        "conflict": str(tree.conflicts[0][1]) if tree.conflicts else "",
        "config": f"{folder}/config.json" if tree.plan_input.exists(f"{folder}/config.json") else "",
        "milestone": f" {milestone}" if milestone else " of ROADMAP",
        "unproved": "; ".join(clauses_about_unproved_phases(tree)),
    }
    if phase:
        values |= _phase_values(tree, phase)
    if plan:
        values |= _plan_values(subject, plan, state)
    return values


def _phase_values(tree: Tree, phase: PhaseTree) -> dict[str, str]:
    """Return the values for sentences about a phase, by their names in braces."""
    context_path = next((path for path in phase.notes if path.endswith("-CONTEXT.md")), "")
    slug = re.sub(r"[^a-z0-9]+", "-", phase.title.lower()).strip("-")
    folder = phase.folders[0] if phase.folders else f"{tree.site.folder}/phases/{phase.id}-{slug}".rstrip("-")
    plan_numbers = [
        int(digits) for plan in phase.plans if (digits := plan.id.rpartition("-")[2]).isdecimal() and plan.path
    ]
    next_plan_name = f"{phase.id}-{max(plan_numbers, default=0) + 1:02d}-PLAN.md"
    verification_path = next((path for path in phase.verifications if path.endswith("-VERIFICATION.md")), "")
    return {
        "next_plan": f"{folder}/{next_plan_name}",
        "next_plan_name": next_plan_name,
        "context": context_path or f"{folder}/{phase.id}-CONTEXT.md",
        "verification": verification_path or f"{folder}/{phase.id}-VERIFICATION.md",
        "phase": phase.id.lstrip("0") or "0",
        "number": phase.id,
        "title": phase.title,
        "folder": folder,
        "undiscussed": "" if context_path else phase.id.lstrip("0") or "0",
        "listed": list_in_words([plan.id for plan in phase.plans if plan.is_only_listed][:5]),
        "claimed": phase.id if phase.is_claimed_done and phase.state != "done" else "",
    }


def _plan_values(subject: _Subject, plan: PhasePlan, state: PlanState) -> dict[str, str]:
    """Return the values for sentences about a plan, by their names in braces."""
    tree = subject.tree
    plans_of_wave = (other for other in plan.phase.counted_plans if other is not plan and other.wave == plan.wave)
    parallel_ids = [other.id for other in plans_of_wave if other.state == "open"]
    awaited_names = next((item.blocked_by for item in state.achievements if item.ref == plan.ref), ())
    folder, _, name = plan.path.rpartition("/")
    summary_name = (
        name.replace("PLAN.md", "SUMMARY.md") if layout.parse_file_name(name).plan else f"{plan.id}-SUMMARY.md"
    )
    return {
        "id": plan.id,
        "plan": plan.path,
        "summary": f"{folder}/{summary_name}" if plan.path and not plan.summary else "",
        "checkpoint": plan.id if plan.facts and not plan.facts.autonomous else "",
        "ticked": plan.id if plan.box and plan.box.is_ticked and plan.state != "done" else "",
        "others": list_in_words(parallel_ids[:5]) if plan.is_parallel and plan.wave else "",
        "tick": f"planmark tick {feature_argument(state.feature)} {shell_quoted(plan.ref)}" if plan.box else "",
        "box": f"{tree.roadmap_path}:{plan.box.line}" if plan.box else "",
        "blockers": list_in_words([*awaited_names[:5]]),
    }


def _plan_passages(subject: _Subject) -> Iterator[Passage]:
    """Yield the whole PLAN of a step that executes the plan."""
    if subject.plan and subject.plan.path:
        yield from passages.plan_passages(subject.tree, subject.plan, "the plan: this is the instruction")


def _passages_of_plan_to_confirm(subject: _Subject) -> Iterator[Passage]:
    """Yield the whole PLAN of a plan about which a person has to decide."""
    if subject.plan and subject.plan.path:
        yield from passages.plan_passages(subject.tree, subject.plan, "the plan without a SUMMARY")


def _dependency_passages(subject: _Subject) -> Iterator[Passage]:
    """Yield the line of a PLAN that says what the plan waits for."""
    facts = subject.plan.facts if subject.plan else None
    if subject.plan and facts and facts.has_depends:
        yield Passage(subject.plan.path, facts.depends_line, facts.depends_line, "what the plan waits for")


def _milestone_passages(subject: _Subject) -> Iterator[Passage]:
    """Yield the documents that show whether a milestone is complete: its phases, requirements and verifications."""
    tree = subject.tree
    yield from whole_document_passage(tree.plan_input, tree.roadmap_path, "the phases of the milestone")
    yield from whole_document_passage(
        tree.plan_input, f"{tree.site.folder}/REQUIREMENTS.md", "the requirements of the milestone"
    )
    for phase in tree.phases:
        yield from passages.verification_passages(tree, phase)


def _earlier_summary_passages(subject: _Subject) -> Iterator[Passage]:
    if subject.plan:
        yield from passages.needed_summary_passages(subject.tree, subject.plan)


def _phase_passages(subject: _Subject) -> Iterator[Passage]:
    if subject.phase:
        yield from passages.section_passages(subject.tree, subject.phase)


def _requirement_passages(subject: _Subject) -> Iterator[Passage]:
    requirement_ids = subject.plan.facts.requirements if subject.plan and subject.plan.facts else ()
    if not requirement_ids and subject.phase and subject.phase.roadmap_phase:
        requirement_ids = subject.phase.roadmap_phase.requirements
    yield from passages.requirement_passages(subject.tree, requirement_ids)


def _decision_passages(subject: _Subject) -> Iterator[Passage]:
    if subject.phase:
        yield from passages.note_passages(subject.tree, subject.phase, "CONTEXT")


def _research_passages(subject: _Subject) -> Iterator[Passage]:
    if subject.phase:
        yield from passages.note_passages(subject.tree, subject.phase, "RESEARCH", "PATTERNS", "UI-SPEC")


def _verification_passages(subject: _Subject) -> Iterator[Passage]:
    if subject.phase:
        yield from passages.verification_passages(subject.tree, subject.phase)


def _summary_passages(subject: _Subject) -> Iterator[Passage]:
    if subject.phase:
        yield from passages.summary_passages(subject.tree, subject.phase)


def _state_passages(subject: _Subject) -> Iterator[Passage]:
    yield from passages.state_passages(subject.tree)


READINGS_BY_STEP: Mapping[Step, tuple[tuple[PassageSource, ...], tuple[PassageSource, ...]]] = {
    "execute_plan": (
        (_plan_passages,),
        (
            _earlier_summary_passages,
            _phase_passages,
            _requirement_passages,
            _decision_passages,
            _state_passages,
            _research_passages,
        ),
    ),
    "plan_phase": (
        (_phase_passages,),
        (_decision_passages, _requirement_passages, _research_passages, _state_passages),
    ),
    "discuss_phase": ((_phase_passages,), (_requirement_passages, _state_passages)),
    "close_gaps": ((_phase_passages,), (_verification_passages, _decision_passages, _summary_passages)),
    "verify_work": ((_phase_passages,), (_verification_passages, _requirement_passages, _summary_passages)),
    "complete_milestone": ((), (_milestone_passages, _state_passages)),
    "confirm_state": ((), (_passages_of_plan_to_confirm, _state_passages)),
    "wait": ((), (_dependency_passages, _phase_passages)),
    "closed": ((), ()),
}
"""Step → the sources of the passages in its prompt.

First the sources whose passages always remain, then all other sources, the most important first.
"""
