"""GRAMMAPLANs: the plans that their tables list, and where a row says something else than the files of its plan."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

from planmark.documents.document import Document
from planmark.documents.names import parse_name
from planmark.documents.note import Child, Grammaplan
from planmark.documents.vocabulary import Vocabulary, status_of
from planmark.workflow.model import PlanState
from planmark.workflow.plan import Judged
from planmark.workspace.path_map import PathMap
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.snapshot import Snapshot

NEAR = 5
"""A row may name another percentage than its plan has by up to so many points: some count hours."""
NOT_BEGUN = ("planning", "not_started", "ready")
_PERCENT = re.compile(r"\W{0,9}(?P<percent>[0-9]{1,3})\s?%\W*")
_OF = re.compile(
    r"\W{0,9}(?P<done>[0-9]{1,3})\s?(?:/|of)\s?(?P<all>[0-9]{1,3})(?:\s(?:achievements?|done|approved|complete))?\W*"
)


class Row(NamedTuple):
    """A row of a GRAMMAPLAN, the state of its plan (None where there is none), and the cell that is wrong with what should
    stand there instead ("" where nothing is)."""

    child: Child
    state: PlanState | None
    wrong: str
    wanted: str


def grammaplans(snapshot: Snapshot) -> tuple[Document, ...]:
    """The GRAMMAPLANs of a workspace, by path."""
    known = (snapshot.documents.get(path) for path in _paths(snapshot.names))
    return tuple(document for document in known if document is not None)


@functools.lru_cache(maxsize=8)
def _paths(names: PathMap[tuple[str, ...]]) -> tuple[str, ...]:
    """Their paths; looked for again only when files have come or gone."""
    named = (paths for name, paths in names.as_dict().items() if name.startswith("GRAMMAPLAN_") and parse_name(name))
    return tuple(sorted(path for paths in named for path in paths))


def rows(snapshot: Snapshot, judged: Mapping[str, Judged], document: Document) -> list[Row]:
    """The rows of a GRAMMAPLAN against the plans. Of several plans of one name, one that a row agrees with counts.

    A bare word is a plan only where there is one of that name.
    """
    facts = document.facts
    assert isinstance(facts, Grammaplan)
    vocabulary = vocabulary_of(snapshot.settings)
    found = []
    for child in facts.children:
        places = snapshot.table.by_feature.get(child.feature, ())
        states = [judged[place.path].state for place in places if place.path in judged]
        compared = [Row(child, state, *_wrong(child, state, vocabulary)) for state in states]
        right = [row for row in compared if not row.wrong]
        if compared or not child.is_bare:
            found.append((right or compared or [Row(child, None, "", "")])[0])
    return found


def _wrong(child: Child, state: PlanState, vocabulary: Vocabulary) -> tuple[str, str]:
    """The first cell that the files of the plan contradict, and what they say. Of a legacy plan files do not say enough."""
    if state.legacy:
        return "", ""
    dropped = state.counts.get("dropped", 0)
    done, of = state.counts.get("approved", 0), len(state.achievements) - dropped
    if match := _OF.fullmatch(child.progress):
        if int(match["done"]) != done or int(match["all"]) not in (of, of + dropped):
            return child.progress, f"{done}/{of}"
    elif match := _PERCENT.fullmatch(child.progress):
        percent = 100 * done // of if of else 0
        is_whole = (int(match["percent"]) == 100) == (done == of > 0)
        if abs(int(match["percent"]) - percent) > NEAR or not is_whole:
            return child.progress, f"{percent}%"
    word, complete = status_of(child.status, vocabulary), state.state == "complete"
    begun = state.state in ("in_progress", "needs_attention")
    if word is None:
        return "", ""
    if complete and word != "complete":
        return child.status, "✅ Complete"
    if (word == "complete" and not complete) or (word in NOT_BEGUN and begun):
        return child.status, "🚧 In Progress" if begun else "📋 Planning"
    return "", ""


def claims_progress(child: Child, vocabulary: Vocabulary) -> bool:
    """Whether a row says that its plan was begun, so that it must be there."""
    done = _PERCENT.fullmatch(child.progress) or _OF.fullmatch(child.progress)
    number = int(done.group(1)) if done else 0
    return number > 0 or status_of(child.status, vocabulary) not in (None, *NOT_BEGUN)
