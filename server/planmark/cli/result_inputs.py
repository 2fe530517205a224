"""The result of a command, cached for the next process together with all its inputs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from planmark.documents.document import Document
from planmark.documents.misnamed import looks_like_plan
from planmark.queries.workspace_view import View
from planmark.storage.result_cache import ResultInputs, open_result_cache
from planmark.workspace.discovery import WORK_FOLDERS
from planmark.workspace.file_entries import READ_ORDER, kind_of
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments, Snapshot
from planmark.workspace.template_files import read_templates

SETTINGS_FILES = ("planmark.toml", "pyproject.toml")


@dataclass
class Looked:
    """The texts that a command read, and the paths whose existence it checked."""

    texts: set[str] = field(default_factory=set)
    places: dict[str, bool] = field(default_factory=dict)

    def through(self, view: View) -> View:
        """Return the same view, but with a record of what is read and checked."""

        def text(path: str) -> str:
            self.texts.add(path)
            return view.text(path)

        def exists(path: str) -> bool:
            self.places[path] = view.exists(path)
            return self.places[path]

        return replace(view, text=text, exists=exists)


def keep_answer(args: argparse.Namespace, since_ns: int) -> None:
    """Cache the result of a command that began at `since_ns`, if it can be cached."""
    index, view = args.index, args.view
    if args.asked is None or args.answer is None or not index.settings["cache.enable"]:
        return
    own_templates = index.settings["prompts.templates"]
    if index.listing.links or (own_templates and args.said):
        return
    answers = open_result_cache(index.root, make=True)
    if answers is None:
        return
    record_bytes = index.settings["metrics.fileBytes"] if index.settings["metrics.file"] else 0
    err = "".join(f"{line}\n" for line in args.said)
    answer = args.answer._replace(err=err, record_bytes=record_bytes)
    answers.put(index.root, args.asked.key, answer, inputs_of(index, view, args.looked), since_ns)


def inputs_of(index: Index, view: View, looked: Looked) -> ResultInputs:
    """Return everything that a result from a view may depend on."""
    listing, snapshot = index.listing, view.snapshot
    walk = (*listing.folders, *listing.ignore_files, *SETTINGS_FILES, *_deciding(index, snapshot))
    places = dict(looked.places)
    if view.is_checked:
        files = {*listing.files, *looked.texts}
        places = {**index.existence, **places}
    else:
        paths = {*view.judged.made, *view.judged.standings}
        judged = [plan for path in paths if (plan := snapshot.plan_at(path))]
        declaring = (plan.parallel.path for plan in snapshot.plans if plan.parallel)
        files = {*looked.texts, *declaring, *(path for plan in judged for path in _documents_of(plan))}
    for made in view.formats.made.values():
        files.update(made.site.documents)
        places = {**made.exist, **places}
    files |= set(_templates(index))
    seen = {**listing.folders, **{path: stamp.mtime_ns for path, stamp in listing.files.items()}}
    return ResultInputs(walk, tuple(sorted(files - {*walk})), seen, dict(sorted(places.items())))


def _deciding(index: Index, snapshot: Snapshot) -> Iterator[str]:
    """Yield the files whose content decides to which plan a file belongs, or whether it is a plan."""
    troubled = {problem.path for problem in snapshot.problems}
    for path in index.listing.files:
        name = path.rpartition("/")[2]
        document = snapshot.documents.get(path)
        # The content of a misnamed file may assign it to a different plan.
        unread = kind_of(path) == "misnamed" or (document is None and kind_of(path) in READ_ORDER)
        if looks_like_plan(name) or unread or path in troubled or (document and _is_contested(document, snapshot)):
            yield path


def _is_contested(document: Document, snapshot: Snapshot) -> bool:
    """Tell whether a header decides to which plan a work file belongs, because its name fits none or several."""
    in_name = snapshot.table.by_feature.get(document.name.feature, ())
    return document.name.kind in WORK_FOLDERS and len(in_name) != 1


def _documents_of(files: PlanDocuments) -> Iterator[str]:
    documents = (files.document, *files.subplans, *files.executions, *files.verdicts, *files.misnamed)
    yield from (document.path for document in documents)
    yield from files.ambiguous_verdicts
    yield from (copy.path for copy in files.copies)
    if files.parallel:
        yield files.parallel.path


def _templates(index: Index) -> Iterator[str]:
    folder = index.settings["prompts.templates"]
    if folder:
        yield folder
        yield from (template.path for template in read_templates(Path(index.root), folder).values())
