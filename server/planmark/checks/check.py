"""All findings of a workspace. Each rule runs again only when what it looks at has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from planmark.checks import references
from planmark.checks.diagnostic import SEVERITIES, Diagnostic
from planmark.checks.rules import DOCUMENT_RULES, PLAN_RULES, SECTION_RULES, WORKSPACE_RULES
from planmark.checks.suppression import unsuppressed
from planmark.checks.written import Named, Spot, Workspace, Written
from planmark.documents.document import Document
from planmark.documents.source import source_of
from planmark.syntax.by_section import by_section
from planmark.syntax.sections import Section
from planmark.workflow.plan import Judged
from planmark.workspace.settings import Settings, vocabulary_of
from planmark.workspace.snapshot import PlanFiles, ReadText, Snapshot


class OfDocument(NamedTuple):
    """What was found in a document, and the references in it that may be wrong.

    `mentioned` are the file names of all documents that it names: only of these it matters whether they exist.
    """

    document: Document
    found: tuple[Diagnostic, ...]
    mentioned: frozenset[str]
    named: tuple[Named, ...]
    missing: tuple[Diagnostic, ...]


class OfPlan(NamedTuple):
    """What was found in a plan."""

    files: PlanFiles
    judged: Judged
    present: frozenset[str]
    found: tuple[Diagnostic, ...]


class Shown(NamedTuple):
    """What is shown of a file: without what is suppressed, in order."""

    document: Document | None
    found: tuple[Diagnostic, ...]
    shown: tuple[Diagnostic, ...]


class Checked(NamedTuple):
    """The findings about a workspace, and what they were found in, for the next time."""

    settings: Settings
    paths: tuple[str, ...]
    names: frozenset[str]
    documents: dict[str, OfDocument]
    plans: dict[str, OfPlan]
    files: dict[str, Shown]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings, by path, line, severity and code."""
        return tuple(diagnostic for path in sorted(self.files) for diagnostic in self.files[path].shown)


class Counts:
    """How often the rules of each scope ran, for those who measure."""

    sections = 0
    documents = 0
    plans = 0


counts = Counts()


def check(
    snapshot: Snapshot,
    judged: Mapping[str, Judged],
    text: ReadText,
    others: Iterable[Diagnostic] = (),
    before: Checked | None = None,
) -> Checked:
    """Every finding of a workspace. `judged` holds every plan by its path, `others` are findings about what is no document.

    What `before` has found in the same objects is taken over.
    """
    if before is not None and before.settings != snapshot.settings:
        before = None
    same_paths = before is not None and before.paths == snapshot.paths
    names = before.names if before and same_paths else frozenset(path.rpartition("/")[2] for path in snapshot.paths)
    documents = _documents(snapshot, text, names, before)
    plans = _plans(snapshot, judged, before)
    workspace = Workspace(snapshot, text, {path: of.named for path, of in documents.items() if of.named})
    found: dict[str, list[Diagnostic]] = {}
    for diagnostic in (
        *others,
        *(d for rule in WORKSPACE_RULES for d in rule(workspace)),
        *(d for of in documents.values() for d in of.found),
        *(d for of in documents.values() for d in of.missing),
        *(d for of_plan in plans.values() for d in of_plan.found),
    ):
        found.setdefault(diagnostic.path, []).append(diagnostic)
    files = dict(_shown(snapshot, found, before.files if before else {}))
    return Checked(snapshot.settings, snapshot.paths, names, documents, plans, files)


def _documents(
    snapshot: Snapshot, text: ReadText, names: frozenset[str], before: Checked | None
) -> dict[str, OfDocument]:
    known = before.documents if before else {}
    moved = before.names ^ names if before else frozenset()
    vocabulary = vocabulary_of(snapshot.settings)
    rejected = {not_plan.path for not_plan in snapshot.not_plans}
    result: dict[str, OfDocument] = {}
    for path, document in snapshot.documents.items():
        if path in rejected:
            continue
        old = known.get(path)
        same = old is not None and old.document is document
        if old is not None and same and old.mentioned.isdisjoint(moved):
            result[path] = old
            continue
        counts.documents += 1
        content = text(path)
        source = () if document.name.kind == "parallel" else source_of(content)
        written = Written(document, content, source, snapshot.settings, vocabulary)
        if old is not None and same:
            found, mentioned = old.found, old.mentioned
        else:
            found = (*_of_sections(written), *(d for rule in DOCUMENT_RULES for d in rule(written)))
            mentioned = references.mentioned(written)
        named = references.named_in(written, names) if mentioned else ()
        result[path] = OfDocument(document, found, mentioned, named, tuple(references.missing(path, named, names)))
    return result


def _of_sections(written: Written) -> Iterator[Diagnostic]:
    for placed in written.source:
        for spot in _spots_in(placed.section):
            yield spot.at(written.document.path, placed.start)


@by_section
def _spots_in(section: Section) -> tuple[Spot, ...]:
    counts.sections += 1
    return tuple(spot for rule in SECTION_RULES for spot in rule(section))


def _plans(snapshot: Snapshot, judged: Mapping[str, Judged], before: Checked | None) -> dict[str, OfPlan]:
    known = before.plans if before else {}
    result: dict[str, OfPlan] = {}
    for files in snapshot.plans:
        old = known.get(files.path)
        same = old is not None and old.files is files and old.judged is judged[files.path]
        if old is None or not same or old.present != snapshot.present:
            counts.plans += 1
            own = judged[files.path]
            found = tuple(d for rule in PLAN_RULES for d in rule(snapshot, files, own))
            old = OfPlan(files, own, snapshot.present, found)
        result[files.path] = old
    return result


def _shown(
    snapshot: Snapshot, found: dict[str, list[Diagnostic]], before: Mapping[str, Shown]
) -> Iterator[tuple[str, Shown]]:
    suppressing = (path for path, document in snapshot.documents.items() if document.suppressed)
    for path in dict.fromkeys((*found, *suppressing)):
        document, own = snapshot.documents.get(path), tuple(found.get(path, ()))
        old = before.get(path)
        if old is not None and old.document is document and old.found == own:
            yield path, old
        else:
            yield (
                path,
                Shown(
                    document, own, _in_order(snapshot.settings, unsuppressed(snapshot.settings, path, document, own))
                ),
            )


def _in_order(settings: Settings, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """With the severities that are wanted, by line, severity and code; each once."""
    wanted = settings["diagnostics.severity"]
    kept = (
        diagnostic
        if wanted.get(diagnostic.code) is None
        else msgspec.structs.replace(diagnostic, severity=wanted[diagnostic.code])
        for diagnostic in found
        if wanted.get(diagnostic.code) != "off"
    )
    return tuple(sorted(dict.fromkeys(kept), key=_order))


def _order(diagnostic: Diagnostic) -> tuple[int, int, str, str, str]:
    return diagnostic.line, SEVERITIES.index(diagnostic.severity), diagnostic.code, diagnostic.message, diagnostic.words
