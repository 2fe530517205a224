"""Checks of texts against files: what documents say of themselves and of each other, and what the files show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.diagnostics.codes import make_diagnostic
from planmark.diagnostics.rule_inputs import DocumentInput
from planmark.documents.ids import ID_PATTERN
from planmark.documents.parallel_json import Parallel
from planmark.documents.parsed_source import Quote, quote
from planmark.documents.plan import TICK
from planmark.documents.statuses import header_status
from planmark.documents.vocabulary import Status, status_of
from planmark.plans.diagnostic import Diagnostic, Related
from planmark.plans.model import AchievementState, State
from planmark.text.pluralize import counted
from planmark.text.similarity import meant_by
from planmark.workflow.decision_table import AchievementInputs, subplan_facts, task_facts
from planmark.workflow.plan_state import PlanEvaluation
from planmark.workflow.steps import SETTLED
from planmark.workspace.snapshot import PlanDocuments, Snapshot

COMPLETE, IN_PROGRESS = "✅ Complete", "🚧 In Progress"
EXAMPLE_STATUSES = ("Planning", "In Progress", "Blocked", "Complete")
NOT_BEGUN: tuple[Status, ...] = ("planning", "not_started", "ready")
STATES_OF_STORED_STATUS: dict[str, tuple[State, ...]] = {
    "complete": ("approved",),
    "failed": ("needs_fix", "fix_resolved"),
    "execution_created": ("active_execution", "execution_blocked", "next_execution", "awaiting_review"),
    "subplan_created": ("no_execution", "design_placeholder"),
    "not_started": ("no_subplan", "blocked"),
    "in_progress": ("active_execution", "next_execution", "awaiting_review", "no_execution", "design_placeholder"),
}
"""Status that a parallel file stores → the states that it may stand for (the methodology, §2.9)."""

_SUBJECT = re.compile(rf"\**(?:Achievement\s+)?(?<![\w.]){ID_PATTERN}")
"""The point in a line of the index at which its achievement begins."""


def index_ticks(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield ticks without a verdict and, if the index uses ticks, verdicts without a tick."""
    states = {known.id: known for known in judged.state.achievements}
    uses_ticks = not files.facts.is_unticked and any(known.ticked for known in files.facts.achievements)
    for listed in files.facts.achievements:
        if listed.index_at is None:
            continue
        line, known = files.document.line(listed.index_at), states[listed.id]
        if listed.ticked and known.state not in SETTLED:
            message = (
                f"the index says that {known.id} is done, but there is no APPROVED file (state by the files: "
                f"{known.state.replace('_', ' ')}): remove the tick, or let a reviewer record the verdict"
            )
            yield make_diagnostic("index-tick-without-verdict", files.path, line, message)
        elif uses_ticks and not listed.ticked and known.state == "approved" and known.verdict:
            related = (Related(known.verdict, 1, "the verdict"),)
            yield make_diagnostic(
                "index-tick-missing", files.path, line, f"{known.id} is approved: add the tick", related
            )


def stale_handoffs(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield achievements that a handoff names as next although they are settled or unknown."""
    states = {known.id: known for known in judged.state.achievements}
    chosen = states.get(judged.state.next.achievement or "")
    for handoff in files.facts.handoffs:
        for named, line in handoff.next_ids:
            known = states.get(named)
            if known is not None and known.state not in SETTLED:
                continue
            why = f"{named} is {known.state}" if known else f"the PLAN has no achievement {named}"
            leads = f"next is {chosen.id}" if chosen else f"next is to {judged.state.next.step.replace('_', ' ')}"
            related = (Related(known.verdict, 1, "the verdict"),) if known and known.verdict else ()
            words, wanted, certain = _renamed(line.text, named, known, chosen)
            yield make_diagnostic(
                "handoff-stale",
                files.path,
                files.document.line(line.at),
                f"{why}: {leads}; update the handoff",
                related,
                target_text=words,
                replacement=wanted,
                is_safe=certain,
            )


def _renamed(
    line: str, named: str, known: AchievementState | None, chosen: AchievementState | None
) -> tuple[str, str | None, bool]:
    """Return the words of `line` that name an achievement, the words that name `chosen` instead, and whether these are
    certain.

    The words include the title if it follows. The new words are certain if `chosen` is known and the line says nothing
    else.
    """
    match = re.search(rf"Achievement\s+{re.escape(named)}(?!\w|\.\d)", line, re.IGNORECASE)
    if match is None:
        return "", None, False
    title = re.escape(known.title) if known and known.title else ""
    titled = re.match(rf"\**\s*(?:[:–—-]\**\s*{title}|\(\s*{title}\s*\))", line[match.end() :]) if title else None
    end = match.end() + (titled.end() if titled else 0)
    rest = line[end:].strip(" *_.`")
    words = line[match.start() : end]
    wanted = words.replace(named, chosen.id, 1) if chosen else None
    if wanted and titled and known and chosen:
        wanted = wanted.replace(known.title, chosen.title, 1)
    return words, wanted, not rest and chosen is not None


def statuses(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Compare the Status of a PLAN, its SUBPLANs and its EXECUTION_TASKs with the files."""
    yield from _status_of_plan(files, judged)
    for known in judged.state.achievements:
        situation = judged.situations[known.id]
        yield from _status_of_subplan(known, situation)
        yield from _statuses_of_tasks(known, situation)


def _status_of_plan(files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    status, word, state = files.facts.status, files.facts.status_word, judged.state
    if status is None or state.state == "no_achievements":
        return
    line, value = files.document.line(status.at), value_of(status)
    wanted = len(state.achievements) - state.counts.get("dropped", 0)
    open_ones = wanted - state.counts.get("approved", 0)
    if word == "complete" and state.state != "complete" and files.verdicts:
        message = f"the Status says complete, but {open_ones} of {wanted} achievements are not approved: set the Status"
        yield make_diagnostic(
            "status-contradicts-files", files.path, line, message, target_text=value, replacement=IN_PROGRESS
        )
    elif (
        word in NOT_BEGUN and state.state in ("in_progress", "needs_attention") and (files.subplans or files.executions)
    ):
        begun = sum(known.state not in ("no_subplan", "blocked", "dropped") for known in state.achievements)
        if begun:
            message = (
                f"the Status says `{value}`, but {begun} of {wanted} achievements are begun or done: set the Status"
            )
            yield make_diagnostic(
                "status-contradicts-files",
                files.path,
                line,
                message,
                target_text=value,
                replacement=IN_PROGRESS,
                is_safe=True,
            )


def _status_of_subplan(known: AchievementState, situation: AchievementInputs) -> Iterator[Diagnostic]:
    subplan = situation.subplan
    facts = subplan_facts(subplan) if subplan else None
    if subplan is None or facts is None or facts.status is None:
        return
    line, value = subplan.line(facts.status.at), value_of(facts.status)
    opened = [execution for execution in situation.executions if execution.outcome in ("open", "blocked")]
    if facts.status_word == "complete" and opened and known.state not in SETTLED:
        related = tuple(Related(e.path, e.evidence.line, e.evidence.says) for e in opened)
        names = ", ".join(_name(execution.path) for execution in opened)
        message = f"the Status says complete, but {names} {'is' if len(opened) == 1 else 'are'} not: set the Status, or close what is open"
        yield make_diagnostic(
            "status-contradicts-files", subplan.path, line, message, related, target_text=value, replacement=IN_PROGRESS
        )
    elif known.state == "approved" and facts.status_word not in ("complete", None):
        related = (Related(known.verdict, 1, "the verdict"),) if known.verdict else ()
        message = f"{known.id} is approved: set the Status to {COMPLETE}"
        yield make_diagnostic(
            "status-contradicts-files",
            subplan.path,
            line,
            message,
            related,
            target_text=value,
            replacement=COMPLETE,
            is_safe=True,
            severity="hint",
        )


def _statuses_of_tasks(known: AchievementState, situation: AchievementInputs) -> Iterator[Diagnostic]:
    for task, execution in zip(situation.tasks, situation.executions, strict=True):
        facts = task_facts(task)
        if facts.header is None or facts.header_word in ("complete", None):
            continue
        related: tuple[Related, ...] = ()
        if execution.outcome == "done":
            message = (
                f"this execution is done (line {execution.evidence.line}): set the Status of the header to {COMPLETE}"
            )
            related = (Related(task.path, execution.evidence.line, execution.evidence.says),)
        elif known.state == "approved" and execution.outcome == "open":
            message = f"{known.id} is approved, and this execution was never closed: set the Status to {COMPLETE}"
            related = (Related(known.verdict, 1, "the verdict"),) if known.verdict else ()
        else:
            continue
        yield make_diagnostic(
            "status-contradicts-files",
            task.path,
            task.line(facts.header.at),
            message,
            related,
            target_text=value_of(facts.header),
            replacement=COMPLETE,
            is_safe=True,
            severity="hint",
        )


def unknown_statuses(written: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a Status of the header that begins with no word of the vocabulary."""
    if written.kind not in ("plan", "subplan", "execution_task"):
        return
    found = header_status(written.source, written.vocabulary)
    if found is None or status_of(found.value, written.vocabulary):
        return
    near = meant_by(found.value, [phrase for phrase, _ in written.vocabulary.statuses])
    hint = (
        f"did you mean `{near.title()}`?"
        if near
        else f"use, for example, {', '.join(EXAMPLE_STATUSES)}, or add a word with `vocabulary.statuses`"
    )
    line = quote(written.source, found.at)
    yield make_diagnostic(
        "status-unknown",
        written.document.path,
        written.document.line(found.at),
        f"`{found.value}` is not a known status: {hint}",
        target_text=value_of(line),
        replacement=near.title() if near else None,
    )


def statistics(_: Snapshot, files: PlanDocuments, _judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Compare the numbers of created documents that a PLAN states with the files. A re-run may count or not."""
    counts = {
        "SUBPLANs": {len(files.subplans), len({d.name.number for d in files.subplans})},
        "EXECUTION_TASKs": {len(files.executions), len({(d.name.number, d.name.execution) for d in files.executions})},
    }
    for stated in files.facts.statistics:
        real = counts[stated.counts]
        if stated.number not in real:
            there = counted(max(real), stated.counts.removesuffix("s"))
            message = f"the files have {there}, not {stated.number}: correct the number, or say where the others are"
            line = files.document.line(stated.at.at)
            # A second number on the line, as in `3 created (1 complete)`, would need a correction as well.
            numbers = re.findall(r"[0-9]+", stated.at.text)
            alone = len(numbers) == 1
            yield make_diagnostic(
                "statistics-wrong",
                files.path,
                line,
                message,
                target_text=numbers[0] if numbers else "",
                replacement=str(max(real)) if alone else None,
                is_safe=stated.number < min(real),
            )


def stored_statuses(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield the statuses that a parallel file stores: a warning at each contradicted one, one hint for the rest."""
    if files.parallel is None or not isinstance(files.parallel.facts, Parallel):
        return
    states = {known.id: known for known in judged.state.achievements}
    stored = [declared for declared in files.parallel.facts.declared if declared.status is not None]
    right = []
    for declared in stored:
        known = states.get(declared.achievement)
        possible = STATES_OF_STORED_STATUS.get((declared.status or "").casefold())
        if known is None or possible is None or known.state in possible:
            right.append(declared)
            continue
        message = f"the file says that {known.id} is {declared.status}, but it is {known.state.replace('_', ' ')}: remove the status, because the files decide it"
        yield make_diagnostic(
            "parallel-status-stored",
            files.parallel.path,
            declared.status_line + 1,
            message,
            (Related(known.path, known.line, known.state.replace("_", " ")),),
            target_text=f'"{declared.status}"',
            severity="warning",
        )
    if right:
        stored_ones = counted(len(right), "stored status", "stored statuses")
        message = (
            f"{stored_ones}: nothing reads them, and they become stale; remove them, because the files decide the state"
        )
        path, line = files.parallel.path, right[0].status_line + 1
        yield make_diagnostic("parallel-status-stored", path, line, message, target_text='"status"')


def value_of(line: Quote) -> str:
    """Return the value on the line of a field."""
    match = re.search(r"[:：]\s*\**\s*(?P<value>\S.*)$", line.text)
    row = re.fullmatch(r"\|?[^|]*\|\s*(?P<value>[^|]*[^|\s])\s*\|?", line.text)
    return (row or match or {"value": ""})["value"]


def with_tick(line: str) -> str | None:
    """Return a line of an index with a tick in its usual place; None if it has a tick, or no place for one."""
    box, word = line.find("[ ]"), _SUBJECT.search(line)
    if TICK.search(line) or (box < 0 and word is None):
        return None
    if box >= 0:
        return f"{line[:box]}[x]{line[box + 3 :]}"
    assert word
    return f"{line[: word.start()]}✅ {line[word.start() :]}"


def without_tick(line: str) -> str | None:
    """Return a line of an index without its tick; None if it has none."""
    match = TICK.search(line)
    if match is None:
        return None
    return line[: match.start()] + ("[ ]" if match[0].startswith("[") else "") + line[match.end() :]


def _name(path: str) -> str:
    return path.rpartition("/")[2]
