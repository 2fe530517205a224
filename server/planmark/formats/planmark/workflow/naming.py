"""The names that misnamed files should have, and the achievements that these files are about.

Planmark assumes that a misnamed file may be work for each achievement that its header or its number may mean. Therefore
no step asks for this work again. A new name is certain only if header and number agree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from planmark.formats.planmark.documents.document import misnamed_facts, parsed_name
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.documents.ids import ids_meant_by_number, number_for
from planmark.formats.planmark.documents.misnamed import name_as_feature, parse_misnamed_name, words_of_topic
from planmark.formats.planmark.ownership.discovery import FEEDBACK_FOLDER, WORK_FOLDER_NAMES, work_folder
from planmark.formats.planmark.ownership.ownership import misnamed_plan_of
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.steps import FIX_STATES
from planmark.plans.document import Document
from planmark.plans.evaluation import Decision
from planmark.plans.model import SETTLED_STATES
from planmark.storage.paths import join, parent
from planmark.text.lazy_pattern import lazy_pattern
from planmark.workspace.snapshot import Snapshot

RenamingDoubt = Literal["", "unread", "several", "undecided", "disputed", "taken", "wanted twice", "archived"]
"""Reason why a person must check a renaming; the key of its advice in `RENAME_ADVICE`."""
MAX_ID_PARTS = 3
"""Maximum number of parts of an id, or of a document's number in the long form `01_02`."""

_NUMBER = lazy_pattern(r"(?:a|ach|achievements?|no|nr|e|exec|execution)?(?P<number>[0-9]{1,4})", re.IGNORECASE)
"""Pattern for a word of a name that is a number, or a number after a letter or word such as `e` or `ach`."""
_RERUN_OR_ARCHIVE_WORD = lazy_pattern(r"v[0-9]{1,2}|recovery|archived", re.IGNORECASE)
"""Pattern for a word of a name that marks a re-run or an archived copy."""
_ROUND = lazy_pattern(r"\b(?:r|round|v) ?(?P<round>[0-9]{1,2})\b", re.IGNORECASE)
"""Pattern for the round of a review in a file name: `r2`, `round 2`, `v2`."""
_FIRST_WORD_BY_VERDICT = {"approved": "APPROVED", "fix": "FIX", "resolution": "FIX"}
"""Kind of a verdict → the word with which its file name begins."""


class Renaming(msgspec.Struct, frozen=True):
    """A misnamed file with the path `old`: the achievements that it may be about, and the path that it should have.

    If the new name is incomplete, `path` is None; `pattern` is the name, with `<…>` for each unknown part. `doubt` says
    why a person must check before the renaming, or is "" if the renaming is safe.
    """

    old: str
    achievements: tuple[str, ...]
    path: str | None
    pattern: str
    doubt: RenamingDoubt

    @property
    def may_count(self) -> bool:
        """True if the file may be work that counts. An archived copy never counts."""
        return self.doubt != "archived"

    @property
    def is_fix(self) -> bool:
        """True if the file seems to be a FIX, which might reopen an approved achievement."""
        name = parse_misnamed_name(self.old.rpartition("/")[2])
        return name is not None and name.verdict == "fix"


class Owner(NamedTuple):
    """The plan of a misnamed file: its feature, its work folder (None if unknown), and the ids of its achievements."""

    feature: str
    folder: str | None
    ids: tuple[str, ...]


class NumberReading(NamedTuple):
    """One way to read the numbers in a name.

    `achievements` are the ids of the achievements that the first numbers may mean. `rest` contains the other numbers.
    """

    achievements: tuple[str, ...]
    rest: tuple[str, ...]


def renamings(plan: PlanDocuments) -> tuple[Renaming, ...]:
    """Return a renaming for each misnamed file of a plan, sorted by path."""
    if not plan.misnamed:
        return ()
    owner = Owner(plan.feature, plan.folder, plan.facts.ids)
    found_renamings = [_renaming(document, owner) for document in plan.misnamed]
    target_counts = Counter(renaming.path for renaming in found_renamings)
    documents = (*plan.subplans, *plan.executions, *plan.verdicts)
    taken_paths = {*(document.path for document in documents), *(copy.path for copy in plan.copies)}
    return tuple(_doubtful_renaming(renaming, plan, target_counts, taken_paths) for renaming in found_renamings)


def _doubtful_renaming(
    renaming: Renaming, plan: PlanDocuments, target_counts: Counter[str | None], taken_paths: set[str]
) -> Renaming:
    """Return `renaming`, with a doubt if several files would get the new path, or several plans may own the file.

    `target_counts` is a mapping from each new path to the number of misnamed files that would get this path.
    `taken_paths` are the paths of files that exist already.
    """
    if renaming.doubt or renaming.path is None:
        return renaming
    if renaming.old in plan.disputed:
        return replace(renaming, doubt="disputed")
    if renaming.path in taken_paths:
        return replace(renaming, doubt="taken")
    return replace(renaming, doubt="wanted twice") if target_counts[renaming.path] > 1 else renaming


def unowned_renaming(snapshot: Snapshot, document: Document) -> Renaming:
    """Return the renaming of a misnamed file that belongs to no plan.

    If the file names a misnamed PLAN, the new name uses the feature of that PLAN.
    """
    table, facts = snapshot.table, misnamed_facts(document)
    misnamed_feature = misnamed_plan_of(document, table)
    path = table.misnamed.get(misnamed_feature or "")
    plan = snapshot.documents.get(path) if path else None
    words_before_number = _words_before_number(words_of_topic(parsed_name(document).topic))
    feature = (
        misnamed_feature
        or next(iter(facts.plans), None)
        or name_as_feature("-".join(words_before_number))
        or "<FEATURE>"
    )
    return _renaming(
        document, Owner(feature, work_folder(path) if path else None, misnamed_facts(plan).ids if plan else ())
    )


def _renaming(document: Document, owner: Owner) -> Renaming:
    """Return the renaming of the misnamed file `document`. The numbers in its name and the id in its header decide."""
    words = _words_after_feature(parsed_name(document).topic, owner.feature)
    numbers = _first_numbers(words)
    id_in_header = misnamed_facts(document).achievement
    header_ids = (id_in_header,) if id_in_header in owner.ids else ()
    reading = _split_number(numbers, owner.ids, _likely_rest_lengths(document))
    # An achievement is certain if header and number both name it, or if only one of them names any achievement.
    agreed_ids = (
        tuple(achievement_id for achievement_id in reading.achievements if achievement_id in header_ids)
        or header_ids
        or reading.achievements
    )
    meant_ids = tuple(dict.fromkeys((*header_ids, *reading.achievements)))
    is_contradicted = bool(header_ids and reading.achievements and not set(header_ids) & set(reading.achievements))
    name = _correct_name(
        document, owner, words, agreed_ids[0] if len(agreed_ids) == 1 else None, reading.rest or (), numbers
    )
    path = join(_target_folder(document, owner), name)
    is_archived = any(word.lower() == "archived" for word in words)
    doubt: RenamingDoubt = "archived" if is_archived else ""
    if not doubt and not agreed_ids:
        doubt = "unread"
    if not doubt and (is_contradicted or len(agreed_ids) > 1):
        doubt = "several"
    if not doubt and parsed_name(document).is_verdict_of_unknown_kind:
        doubt = "undecided"
    achievement_ids = meant_ids if is_contradicted else agreed_ids
    return Renaming(document.path, achievement_ids, path if parse_name(name) else None, name, doubt)


def _correct_name(
    document: Document,
    owner: Owner,
    words: Sequence[str],
    achievement: str | None,
    rest: Sequence[str],
    numbers: Sequence[str],
) -> str:
    """Return the correct file name of a misnamed document, with `<NN>` in place of an unknown number.

    `achievement` is the id of the achievement, or None if the achievement is not certain. `numbers` are all numbers in
    the old name, and `rest` are the numbers after the number of the achievement.
    """
    number = number_for(achievement, owner.ids) if achievement else _number_in_name(document, numbers) or "<NN>"
    if document.name.meant_kind == "verdict":
        rounds = _ROUND.findall(" ".join(words)) or list(rest)
        round_suffix = f"_R{int(rounds[0])}" if rounds and int(rounds[0]) > 1 else ""
        verdict = parsed_name(document).verdict
        resolution_suffix = "_RESOLUTION" if verdict == "resolution" else ""
        verdict_word = _FIRST_WORD_BY_VERDICT[verdict] if verdict else "<APPROVED or FIX>"
        return f"{verdict_word}_{number}{round_suffix}{resolution_suffix}.md"
    suffix = "".join(f"_{word.upper()}" for word in words if _RERUN_OR_ARCHIVE_WORD.fullmatch(word))
    if document.name.meant_kind == "subplan":
        return f"SUBPLAN_{owner.feature}_{number}{suffix}.md"
    execution_numbers = rest if achievement else numbers[1:][-1:]
    execution = int(execution_numbers[0]) if execution_numbers else 1
    return f"EXECUTION_TASK_{owner.feature}_{number}_{execution:02d}{suffix}.md"


def _number_in_name(document: Document, numbers: Sequence[str]) -> str:
    """Return the number in the name of a document whose achievement is unknown; "" if the name has no number."""
    id_numbers = (
        numbers[:-1] if document.name.meant_kind == "execution_task" and len(numbers) > 1 else numbers[:MAX_ID_PARTS]
    )
    is_id = len(id_numbers) > 1 and all(len(number) < 3 for number in id_numbers)
    return number_for(".".join(str(int(number)) for number in id_numbers), ()) if is_id else "".join(id_numbers[:1])


def _target_folder(document: Document, owner: Owner) -> str:
    """Return the folder of the renamed file.

    A verdict moves to the only folder in which it counts; any other document stays in its folder.
    """
    if document.name.meant_kind == "verdict" and owner.folder is not None:
        return join(owner.folder, FEEDBACK_FOLDER)
    return parent(document.path)


def _words_after_feature(topic: str, feature: str) -> tuple[str, ...]:
    """Return the words of `topic`. If the words of the feature come first, leave them out."""
    words = words_of_topic(topic)
    feature_words = tuple(word.lower() for word in feature.split("-") if word)
    has_feature = tuple(word.lower() for word in words[: len(feature_words)]) == feature_words
    return words[len(feature_words) :] if has_feature else words


def _words_before_number(words: Sequence[str]) -> list[str]:
    """Return the words before the first number."""
    first_number_index = next((n for n, word in enumerate(words) if _NUMBER.fullmatch(word)), len(words))
    return list(words[:first_number_index])


def _first_numbers(words: Sequence[str]) -> tuple[str, ...]:
    """Return the first sequence of adjacent numbers in the words of a name."""
    result: list[str] = []
    for word in words:
        if match := _NUMBER.fullmatch(word):
            result.append(match["number"])
        elif result:
            break
    return tuple(result)


def _likely_rest_lengths(document: Document) -> tuple[int, ...]:
    """Return how many numbers may follow the number of the achievement in a name, with the most likely count first."""
    return (1, 0) if document.name.meant_kind == "execution_task" else (0, 1)


def _split_number(numbers: tuple[str, ...], ids: Sequence[str], rest_lengths: Sequence[int]) -> NumberReading:
    """Return the likely reading of the numbers of a name: the ids that the first numbers may mean, and the numbers
    after them.

    `rest_lengths` says how many numbers may follow, with the most likely count first. The first count that fits decides.
    """
    readings = [
        NumberReading(tuple(ids_of_number), numbers[length:])
        for length in range(min(MAX_ID_PARTS, len(numbers)), 0, -1)
        if (ids_of_number := _ids_of_number(numbers[:length], ids))
    ]
    for rest_length in (*rest_lengths, *range(2, len(numbers))):
        fitting_readings = [reading for reading in readings if len(reading.rest) == rest_length]
        if fitting_readings:
            return NumberReading(
                tuple(dict.fromkeys(meant_id for reading in fitting_readings for meant_id in reading.achievements)),
                fitting_readings[0].rest,
            )
    return NumberReading((), ())


def _ids_of_number(numbers: Sequence[str], ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the achievements that `numbers` may mean: one number, or the parts of an id."""
    if len(numbers) == 1:
        return ids_meant_by_number(numbers[0], ids)
    dotted_number = ".".join(str(int(number)) for number in numbers)
    return (dotted_number,) if dotted_number in ids else ()


def renamings_by_achievement(plan: PlanDocuments) -> dict[str, tuple[Renaming, ...]]:
    """Return a mapping from the id of an achievement to the renamings of misnamed files that may be work for it."""
    result: dict[str, list[Renaming]] = {}
    for renaming in renamings(plan):
        for achievement_id in renaming.achievements if renaming.may_count else ():
            result.setdefault(achievement_id, []).append(renaming)
    return {achievement_id: tuple(listed_renamings) for achievement_id, listed_renamings in result.items()}


def put_renamings_first(
    decisions: Mapping[str, Decision], candidates_by_id: Mapping[str, Sequence[Renaming]]
) -> dict[str, Decision]:
    """Return `decisions` after replacing the step of each achievement that may have misnamed work.

    The new step renames a misnamed file. `candidates_by_id` is a mapping from the id of each achievement to the renamings
    of its misnamed files. Steps that address or review a fix stay. An approved achievement needs only the renaming of a
    misnamed FIX, which may revoke the approval.
    """
    renamings_by_id = {
        achievement_id: _renamings_before_step(decision, candidates_by_id.get(achievement_id, ()))
        for achievement_id, decision in decisions.items()
    }
    return {
        achievement_id: _decision_after_renaming(achievement_id, decision, renamings_by_id[achievement_id])
        if renamings_by_id[achievement_id]
        else decision
        for achievement_id, decision in decisions.items()
    }


def _renamings_before_step(decision: Decision, candidates: Sequence[Renaming]) -> Sequence[Renaming]:
    """Return the renamings in `candidates` that must come before any other step of an achievement."""
    if decision.state == "approved":
        return [renaming for renaming in candidates if renaming.is_fix]
    return () if decision.state in (*SETTLED_STATES, *FIX_STATES) else candidates


def _decision_after_renaming(achievement_id: str, decision: Decision, candidates: Sequence[Renaming]) -> Decision:
    """Return `decision` with a new step: the renaming of the first file in `candidates`."""
    names = " and ".join(renaming.old.rpartition("/")[2] for renaming in candidates[:2])
    more_text = f" and {len(candidates) - 2} more" if len(candidates) > 2 else ""
    verb, possessive = ("seems", "its name is") if len(candidates) == 1 else ("seem", "their names are")
    reason = f"{names}{more_text} {verb} to be work for {achievement_id}, and {possessive} not read"
    return replace(decision, step="rename_document", file=candidates[0].old, because=reason)


def is_certainly_work(document: Document, ids: Sequence[str]) -> bool:
    """Tell whether a misnamed file is certainly work; `ids` are the ids of the plan.

    Any file name may begin with a word such as `fix`. A misnamed verdict is therefore work only if it also has the
    number of an achievement, a header, or a work folder.
    """
    facts = misnamed_facts(document)
    is_named = facts.achievement in ids or bool(facts.plans)
    is_in_work_folder = parent(document.path).rpartition("/")[2].lower() in WORK_FOLDER_NAMES
    if document.name.meant_kind != "verdict":
        return True
    return (
        is_named
        or is_in_work_folder
        or bool(_split_number(_first_numbers(words_of_topic(parsed_name(document).topic)), ids, (0, 1)).achievements)
    )


def renaming_advice(renaming: Renaming, feature: str = "") -> str:
    """Return the advice about a misnamed file. The advice is the end of a sentence whose beginning names the file."""
    is_moved = renaming.path is not None and parent(renaming.path) != parent(renaming.old)
    name = f"{renaming.pattern} in {parent(renaming.path or '')}/" if is_moved else renaming.pattern
    achievement_text = " or ".join(renaming.achievements)
    return RENAME_ADVICE[renaming.doubt].format(
        name=name, about=achievement_text, path=renaming.path, feature=feature or "X"
    )


RENAME_ADVICE: dict[RenamingDoubt, str] = {
    "": "rename it to {name}",
    "unread": "rename it to {name}, and write `**Achievement**: N.N` below the title: neither its number nor its header "
    "names an achievement of a PLAN",
    "several": "it may be about {about}: correct the header or the number, then rename it",
    "undecided": "rename it to {name}: its name does not say whether it approves",
    "disputed": "it may belong to several PLANs: write `**Plan**: {feature}` below the title, then rename it to {name}",
    "taken": "{path} exists already: merge the two files, or archive one of them",
    "wanted twice": "another misnamed file would get the name {name}, too: merge them, or archive one of them",
    "archived": "it is an archived copy: rename it to {name}",
}
"""Doubt about a renaming → the advice for the user."""
