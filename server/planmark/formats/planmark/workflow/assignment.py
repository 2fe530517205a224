"""The assignment of a plan's documents to its achievements, by the decode rule of the methodology, §1.3."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from planmark.formats.planmark.documents.document import parsed_name, work_facts
from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.documents.file_names import Name, number_and_round
from planmark.formats.planmark.documents.ids import NUMBER_PATTERN, ids_meant_by_number
from planmark.formats.planmark.documents.subplan import Subplan
from planmark.formats.planmark.documents.verdict import Verdict
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.plans.document import Document

AssignmentProblemCode = Literal["number-mismatch", "number-ambiguous", "orphan", "second-subplan"]


class AssignmentProblem(msgspec.Struct, frozen=True):
    """A problem with the assignment of a document to an achievement. `message` describes the problem and its
    correction.
    """

    code: AssignmentProblemCode
    path: str
    message: str


class NumberAndRound(msgspec.Struct, frozen=True):
    """The number and the round in the file name of a verdict. `round` is None if the name states no round."""

    number: str
    round: int | None


class AssignedDocuments(msgspec.Struct, frozen=True):
    """The documents of each achievement, by id.

    Executions are in order of number, with re-runs of the same number together. `numbers_by_path` maps the path of each
    verdict to the number and round in its file name.
    """

    subplans: dict[str, Document]
    executions: dict[str, tuple[Document, ...]]
    verdicts: dict[str, tuple[Document, ...]]
    numbers_by_path: dict[str, NumberAndRound]
    findings: tuple[AssignmentProblem, ...]


def assign_documents(plan: PlanDocuments) -> AssignedDocuments:
    """Return the SUBPLANs, EXECUTION_TASKs and verdicts of a plan, assigned to the achievements that they are about."""
    ids = plan.facts.ids
    findings: list[AssignmentProblem] = []
    # Withdrawn SUBPLANs are assigned last, so that the SUBPLANs that replace them keep their achievements.
    rule_by_own_number = _rule_by_own_number(ids)
    live_documents = [document for document in plan.subplans if not _is_withdrawn(document)]
    withdrawn_documents = [document for document in plan.subplans if _is_withdrawn(document)]
    subplan_ids = _owner_ids_by_path(live_documents, ids, rule_by_own_number, rule_by_own_number, findings)
    subplan_ids |= _owner_ids_by_path(withdrawn_documents, ids, rule_by_own_number, rule_by_own_number, findings)
    subplans: dict[str, Document] = {}
    last_reruns_first = sorted(plan.subplans, key=lambda d: parsed_name(d).rerun_order, reverse=True)
    for document in sorted(
        last_reruns_first,
        key=lambda d: (_is_withdrawn(d), not _number_agrees(d, subplan_ids.get(d.path), ids), d.name.number),
    ):
        owner = subplan_ids.get(document.path)
        if owner in subplans and (_is_withdrawn(document) or subplans[owner].name.number == document.name.number):
            continue
        if owner in subplans:
            message = (
                f"{owner} has another SUBPLAN, which counts: {subplans[owner].path}. Rename or archive one of them"
            )
            findings.append(AssignmentProblem("second-subplan", document.path, message))
        elif owner:
            subplans[owner] = document
    ids_by_subplan_number = {d.name.number: subplan_ids[d.path] for d in plan.subplans if d.path in subplan_ids}
    number_rule = _rule_by_subplan_number(ids_by_subplan_number, ids)
    task_ids = _owner_ids_by_path(
        plan.executions, ids, _rule_by_subplan_header(ids_by_subplan_number, number_rule), number_rule, findings
    )
    executions: dict[str, list[Document]] = defaultdict(list)
    for document in plan.executions:
        if owner := task_ids.get(document.path):
            executions[owner].append(document)
    verdicts: dict[str, list[Document]] = defaultdict(list)
    numbers_by_path: dict[str, NumberAndRound] = {}
    for document in plan.verdicts:
        if id_and_number := _verdict_owner(document, ids, findings):
            verdicts[id_and_number[0]].append(document)
            numbers_by_path[document.path] = id_and_number[1]
    return AssignedDocuments(
        subplans,
        {
            achievement_id: tuple(sorted(documents, key=_execution_sort_key))
            for achievement_id, documents in executions.items()
        },
        {achievement_id: tuple(documents) for achievement_id, documents in verdicts.items()},
        numbers_by_path,
        tuple(sorted(findings, key=lambda finding: (finding.path, finding.code))),
    )


def achievement_id_in_header(document: Document, ids: Sequence[str]) -> str | None:
    """Return the id of the achievement that the header of `document` names.

    Return None if the header names no achievement, or if the id is not in `ids`, the ids of the plan.
    """
    achievement_id = work_facts(document).achievement
    return achievement_id if achievement_id in ids else None


OwnerRule = Callable[[Document], str | None]
"""A function that returns the id of a document's achievement, or None."""


def _owner_ids_by_path(
    documents: Sequence[Document],
    ids: Sequence[str],
    rule_without_header: OwnerRule,
    rule_for_copied_header: OwnerRule,
    findings: list[AssignmentProblem],
) -> dict[str, str]:
    """Return a mapping from the path of each document to the id of its achievement. Add problems to `findings`.

    The id in the header decides, unless several documents with the same execution number name this id. Then the
    achievement gets each of these documents whose number agrees with the id. If no number agrees, it gets the document
    with the lowest number. Planmark assumes that the headers of the other documents were copied. For these documents,
    `rule_for_copied_header` decides. `rule_without_header` decides about documents whose headers name no achievement.
    """
    documents_by_id_and_execution: dict[tuple[str, int], list[Document]] = defaultdict(list)
    for document in documents:
        if header_achievement := achievement_id_in_header(document, ids):
            documents_by_id_and_execution[header_achievement, parsed_name(document).execution].append(document)
    owner_ids: dict[str, str] = {}
    for (header_achievement, _), claimants in documents_by_id_and_execution.items():
        agreeing_documents = [d for d in claimants if _number_agrees(d, header_achievement, ids)]
        lowest_number = min(_number_sort_key(d) for d in claimants)
        for document in agreeing_documents or [d for d in claimants if _number_sort_key(d) == lowest_number]:
            owner_ids[document.path] = header_achievement
    for document in documents:
        rule = rule_for_copied_header if achievement_id_in_header(document, ids) else rule_without_header
        if document.path not in owner_ids and (owner := rule(document)):
            owner_ids[document.path] = owner
        _report_problem(document, ids, owner_ids.get(document.path), findings)
    return owner_ids


def _report_problem(
    document: Document, ids: Sequence[str], owner: str | None, findings: list[AssignmentProblem]
) -> None:
    """Add a problem to `findings` if a document has no achievement, or if its header and its number disagree.

    `owner` is the id of the document's achievement; it is None if the document has no achievement.
    """
    id_in_header, possible_ids = achievement_id_in_header(document, ids), ids_meant_by_number(document.name.number, ids)
    if owner is None:
        if len(possible_ids) > 1:
            message = f"number {document.name.number} may stand for {' or '.join(possible_ids)}: name the achievement in the header"
            findings.append(AssignmentProblem("number-ambiguous", document.path, message))
        else:
            message = f"belongs to no achievement of the PLAN: neither its header nor its number {document.name.number} names one"
            findings.append(AssignmentProblem("orphan", document.path, message))
    elif id_in_header and id_in_header not in possible_ids:
        message = f"the header says {id_in_header}, the file name {document.name.number}, and it counts for {owner}: set the header or rename the file"
        findings.append(AssignmentProblem("number-mismatch", document.path, message))


def _rule_by_own_number(ids: Sequence[str]) -> OwnerRule:
    """Return a rule that returns the achievement that the number of a document means.

    If the number may mean several achievements, or means no achievement, the rule returns None.
    """

    def rule(document: Document) -> str | None:
        achievement_ids = ids_meant_by_number(document.name.number, ids)
        return achievement_ids[0] if len(achievement_ids) == 1 else None

    return rule


def _rule_by_subplan_number(ids_by_subplan_number: dict[str, str], ids: Sequence[str]) -> OwnerRule:
    """Return a rule that returns the achievement of the SUBPLAN with the same number as an EXECUTION_TASK.

    If no SUBPLAN has this number, the rule returns the achievement that the number means.
    """
    own_number_rule = _rule_by_own_number(ids)
    return lambda document: ids_by_subplan_number.get(document.name.number) or own_number_rule(document)


def _rule_by_subplan_header(ids_by_subplan_number: dict[str, str], fallback_rule: OwnerRule) -> OwnerRule:
    """Return a rule that returns the achievement of the SUBPLAN that the header of an EXECUTION_TASK names.

    If the header names no SUBPLAN of the plan, `fallback_rule` decides.
    """

    def rule(document: Document) -> str | None:
        facts = document.facts
        assert isinstance(facts, ExecutionTask)
        return (ids_by_subplan_number.get(facts.subplan[1]) if facts.subplan else None) or fallback_rule(document)

    return rule


def _verdict_owner(
    document: Document, ids: Sequence[str], findings: list[AssignmentProblem]
) -> tuple[str, NumberAndRound] | None:
    """Return the id of the achievement that the name of a verdict means, and the number and round in the name.

    If the name has several meanings, the title of the verdict decides. If the achievement stays unknown, add a problem
    to `findings` and return None.
    """
    facts, name = document.facts, parsed_name(document)
    assert isinstance(facts, Verdict)
    readings = verdict_readings(name, ids)
    if len(readings) > 1:
        readings = [reading for reading in readings if reading[0] == facts.achievement]
    if len(readings) == 1 and re.fullmatch(NUMBER_PATTERN, readings[0][1].number):
        return readings[0]
    if readings := verdict_readings(name, ids):
        meaning = " or ".join(_reading_text(*reading) for reading in readings)
        if len(readings) == 1:
            message = f"number {name.number} is meant for {meaning}, and may be a round: write two digits for each part of the id"
        else:
            message = (
                f"number {name.number} may stand for {meaning} and the title names none of them: it counts for none"
            )
        findings.append(AssignmentProblem("number-ambiguous", document.path, message))
    else:
        message = f"number {name.number} is not an achievement of the PLAN: add it to the PLAN or archive the file"
        findings.append(AssignmentProblem("orphan", document.path, message))
    return None


def verdict_readings(name: Name, ids: Sequence[str]) -> list[tuple[str, NumberAndRound]]:
    """Return a pair (id, number and round) for each achievement that the name of a verdict may mean.

    The last group of digits may be part of the id, or a round: `FIX_11_02` is 11.2, or round 2 of 1.1; `FIX_11_2` may
    also be 1.1.2. `ids` are the ids of the plan.
    """
    readings = [
        (achievement_id, NumberAndRound(name.number, name.round))
        for achievement_id in ids_meant_by_number(name.number, ids)
    ]
    if name.round is None and (parts := number_and_round(name.number)):
        number, stated_round = parts
        readings += [
            (achievement_id, NumberAndRound(number, stated_round))
            for achievement_id in ids_meant_by_number(number, ids)
        ]
        readings += [
            (achievement_id, NumberAndRound(name.number, None))
            for achievement_id in ids_meant_by_number(name.number.replace("_", ""), ids)
        ]
    return list(dict.fromkeys(readings))


def _reading_text(achievement_id: str, numbered_round: NumberAndRound) -> str:
    """Return a meaning of the name of a verdict in words, such as `round 2 of 1.1`. If the name states no round, return
    only the id.
    """
    return achievement_id if numbered_round.round is None else f"round {numbered_round.round} of {achievement_id}"


def _is_withdrawn(document: Document) -> bool:
    """Tell whether the Status of a SUBPLAN withdraws it."""
    assert isinstance(document.facts, Subplan)
    return document.facts.is_withdrawn


def _number_agrees(document: Document, owner: str | None, ids: Sequence[str]) -> bool:
    """Tell whether the number of a document may mean the achievement `owner`."""
    return owner in ids_meant_by_number(document.name.number, ids)


def _number_sort_key(document: Document) -> tuple[int, ...]:
    """Return the parts of the number in a document's name, as a sort key."""
    return tuple(int(part) for part in document.name.number.split("_"))


def _execution_sort_key(document: Document) -> tuple[Any, ...]:
    """Return the sort key of an EXECUTION_TASK: its execution number, then its re-run, then its path."""
    return parsed_name(document).execution, parsed_name(document).rerun_order, document.path
