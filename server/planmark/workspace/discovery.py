"""Which files are plans, and which document belongs to which plan. Rules: the methodology, §1.2 to §1.4."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pathspec

from planmark.documents.document import Document, work_facts
from planmark.documents.execution_task import ExecutionTask
from planmark.documents.names import looks_like_plan, parse_name
from planmark.documents.plan import Plan
from planmark.documents.references import features_named, names_feature, plain, plan_reference
from planmark.documents.verdict import Verdict
from planmark.workspace.settings import LIFECYCLES, Settings
from planmark.workspace.snapshot import Copy, Lifecycle, NotPlan, Orphan, PlanFiles

PLANNING_FOLDERS = ("planning", "plans")
WORK_FOLDERS = {"subplan": "subplans", "execution_task": "execution"}
FEEDBACKS = "execution/feedbacks"
OWN, PARENT, FLAT, ARCHIVE, FAR = range(0, 50, 10)
"""How near a document is: in the plan's own folder, that above `planning/`, the flat ones of `work-space/`, the archive
that the PLAN names, or outside all of them."""


class Candidate(NamedTuple):
    """A plan while the documents are given out."""

    document: Document
    facts: Plan
    folder: str

    @property
    def feature(self) -> str:
        return self.document.name.feature


class Belongings(NamedTuple):
    """What belongs to one plan, still with every copy."""

    work: list[Document]
    verdicts: list[Document]
    ambiguous: list[str]


def parent(path: str) -> str:
    """The folder of a relative path; "" for the root."""
    return path.rpartition("/")[0]


def join(folder: str, name: str) -> str:
    """`folder/name`, where "" is the root."""
    return f"{folder}/{name}" if folder else name


def work_folder(plan_path: str) -> str:
    """The folder that holds a plan's work: its own, or its parent for a PLAN in `planning/` or `plans/`."""
    folder = parent(plan_path)
    return parent(folder) if folder.rpartition("/")[2] in PLANNING_FOLDERS else folder


def find_plans(paths: Iterable[str], documents: dict[str, Document]) -> tuple[list[Candidate], list[NotPlan]]:
    """The plans among the documents, and the files that only look like one, with the reason."""
    work_paths = [path for path, document in documents.items() if document.name.kind in WORK_FOLDERS]
    named = [path for path, document in documents.items() if document.name.kind == "plan"]
    by_feature: dict[str, list[str]] = defaultdict(list)
    for path in named:
        by_feature[documents[path].name.feature].append(path)
    plans, rejected = [], []
    for path in paths:
        if not looks_like_plan(path.rpartition("/")[2]):
            continue
        if reason := _not_a_plan(path, documents, by_feature, work_paths):
            rejected.append(NotPlan(path, reason))
            continue
        document = documents[path]
        assert isinstance(document.facts, Plan)
        plans.append(Candidate(document, document.facts, work_folder(path)))
    return plans, rejected


def _not_a_plan(
    path: str, documents: dict[str, Document], by_feature: dict[str, list[str]], work_paths: list[str]
) -> str:
    """Why the file is not taken for a plan; "" where it is one."""
    if parse_name(path.rpartition("/")[2]) is None:
        return "its name is not PLAN_<FEATURE>.md with a feature of capitals, digits and hyphens"
    if path not in documents:
        return "it cannot be read (see the problems)"
    folder = parent(path)
    feature = documents[path].name.feature
    owner = folder.rpartition("/")[2]
    if owner == feature or join(folder, f"PLAN_{owner}.md") not in documents:
        return ""
    only_one = len(by_feature[feature]) == 1
    own_work = [
        work
        for work in work_paths
        if documents[work].name.feature == feature and (only_one or work.startswith(f"{folder}/"))
    ]
    return "" if own_work else f"it lies in the folder of PLAN_{owner}.md and has no work files of its own"


def lifecycle_of(path: str, settings: Settings) -> Lifecycle:
    """The first lifecycle whose patterns fit the path of a PLAN, else active."""
    table = settings["lifecycle"]
    for name in LIFECYCLES:
        if pathspec.GitIgnoreSpec.from_lines(table.get(name, ())).match_file(path):
            return name
    return "active"


def give_out(
    plans: Sequence[Candidate], documents: dict[str, Document], texts: dict[str, str], settings: Settings
) -> tuple[tuple[PlanFiles, ...], tuple[Orphan, ...]]:
    """Every document given to its plan; the features without one. `texts` holds the text of the verdicts."""
    owned = {plan.document.path: Belongings([], [], []) for plan in plans}
    orphans: dict[str, list[str]] = defaultdict(list)
    for path, document in documents.items():
        if document.name.kind in WORK_FOLDERS:
            owner = _owner(document, plans)
            if owner:
                owned[owner.document.path].work.append(document)
            else:
                orphans[document.name.feature].append(path)
        elif document.name.kind == "verdict":
            _give_verdict(document, plans, owned, texts)
    files = tuple(_plan_files(plan, owned[plan.document.path], documents, settings) for plan in plans)
    return files, tuple(Orphan(feature, tuple(paths)) for feature, paths in sorted(orphans.items()))


def _owner(document: Document, plans: Sequence[Candidate]) -> Candidate | None:
    """The plan of the file name's feature, else of the header's; of several the nearest by path."""
    header = work_facts(document).plan
    candidates = [plan for plan in plans if plan.feature == document.name.feature]
    if not candidates:
        features = _header_features(document)
        candidates = [plan for plan in plans if plan.feature in features]
    return min(candidates, key=lambda plan: _distance(plan, document, header)) if candidates else None


def _header_features(document: Document) -> tuple[str, ...]:
    facts = work_facts(document)
    subplan = facts.subplan[0] if isinstance(facts, ExecutionTask) and facts.subplan else ""
    named = plan_reference(facts.plan) if facts.plan else None
    return (*((named,) if named else ()), *features_named(facts.plan), *((subplan,) if subplan else ()))


def _distance(plan: Candidate, document: Document, header: str) -> tuple[int, bool, int, str]:
    """How near a document is to a plan; between equals a header that names the path decides, then the common path."""
    common = 0
    for ours, theirs in zip(plan.document.path.split("/"), document.path.split("/"), strict=False):
        if ours != theirs:
            break
        common += 1
    names_path = "/" in header and plan.document.path.endswith(_stem(header))
    return nearness(plan, document), not names_path, -common, plan.document.path


def _stem(header: str) -> str:
    words = [word for word in plain(header).split() if "/" in word]
    return words[0].lstrip("@./") if words else header


def nearness(plan: Candidate, document: Document) -> int:
    """OWN, PARENT, FLAT, ARCHIVE or FAR; in each, the folder of the document's type first (the methodology, §1.4)."""
    own = WORK_FOLDERS[document.name.kind]
    path = _search_path(parent(plan.document.path), plan.folder, plan.facts.archive_location, own)
    return path.get(parent(document.path), FAR)


@functools.lru_cache(maxsize=4096)
def _search_path(folder: str, work: str, archive_location: str, own: str) -> dict[str, int]:
    """The folders in which a plan's documents of one type are looked for, and how near each is.

    `folder` is the PLAN's, `work` its work folder, `archive_location` what it names as its archive.
    """
    other = next(name for name in WORK_FOLDERS.values() if name != own)
    archives = [archive_location, join(folder, archive_location)] if archive_location else []
    places = [(OWN, folder), (PARENT, work), *((ARCHIVE, archive) for archive in archives)]
    near: dict[tuple[int, str], tuple[str, ...]] = dict.fromkeys(places, (own, "", other))
    near |= dict.fromkeys(((FLAT, work_space) for work_space in _work_spaces(folder)), (own, other))
    found: dict[str, int] = {}
    for (tier, place), names in sorted(near.items()):
        for step, name in enumerate(names):
            found.setdefault(join(place, name) if name else place, tier + step)
    return found


def _work_spaces(folder: str) -> list[str]:
    """The `work-space` folders above a plan, nearest first, and that of the root."""
    parts = folder.split("/")
    above = ["/".join(parts[: index + 1]) for index, name in enumerate(parts) if name == "work-space"]
    return [*reversed(above), *([] if "work-space" in above else ["work-space"])]


def _give_verdict(
    document: Document, plans: Sequence[Candidate], owned: dict[str, Belongings], texts: dict[str, str]
) -> None:
    """A verdict counts in the feedback folder of a plan; where plans share it, only for the one that it names.

    Its Plan field names it, and where there is none, or it names none of them, the only one that its text mentions.
    """
    there = [plan for plan in plans if parent(document.path) == join(plan.folder, FEEDBACKS)]
    if len(there) == 1 and not _shares_folder(there[0], plans):
        owned[there[0].document.path].verdicts.append(document)
        return
    text = texts.get(document.path, "")
    assert isinstance(document.facts, Verdict)
    header = plan_reference(document.facts.plan) if document.facts.plan else None
    named = [plan for plan in there if plan.feature == header]
    named = named or [plan for plan in there if names_feature(text, plan.feature)]
    for plan in there:
        mine = owned[plan.document.path]
        if named == [plan]:
            mine.verdicts.append(document)
        else:
            mine.ambiguous.append(document.path)


def _shares_folder(plan: Candidate, plans: Sequence[Candidate]) -> bool:
    """Another plan has the same work folder, or it is a grouping folder: not the feature's, with plans below it."""
    grouping = plan.folder.rpartition("/")[2] != plan.feature
    return any(
        other.folder == plan.folder or (grouping and other.folder.startswith(f"{plan.folder}/" if plan.folder else ""))
        for other in plans
        if other is not plan
    )


def _plan_files(plan: Candidate, owned: Belongings, documents: dict[str, Document], settings: Settings) -> PlanFiles:
    chosen: dict[tuple[str, ...], Document] = {}
    copies = []
    for document in sorted(owned.work, key=lambda d: (d.name.archived, nearness(plan, d), d.path)):
        name = document.name
        key = (name.kind, name.number, str(name.execution), name.rerun)
        if key in chosen:
            copies.append(Copy(document.path, chosen[key].path))
        else:
            chosen[key] = document
    counting = sorted(chosen.values(), key=lambda d: (d.name.number, d.name.execution, d.name.rerun, d.path))
    return PlanFiles(
        document=plan.document,
        facts=plan.facts,
        feature=plan.feature,
        folder=plan.folder,
        lifecycle=lifecycle_of(plan.document.path, settings),
        subplans=tuple(d for d in counting if d.name.kind == "subplan"),
        executions=tuple(d for d in counting if d.name.kind == "execution_task"),
        verdicts=tuple(owned.verdicts),
        ambiguous_verdicts=tuple(owned.ambiguous),
        parallel=documents.get(join(parent(plan.document.path), "parallel.json"))
        or documents.get(join(plan.folder, "parallel.json")),
        copies=tuple(copies),
        far=tuple(d.path for d in counting if nearness(plan, d) == FAR),
    )
