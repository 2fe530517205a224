"""The caching of a command's result for the next process, together with all inputs of the result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from planmark.cli.cached_result import CommandKey
from planmark.cli.context import CommandContext, CommandOptions, CommandResult, DependencyLog
from planmark.plans.document import Document
from planmark.plans.document_format import document_format
from planmark.queries.workspace_view import View
from planmark.storage.lease_files import lease_folders
from planmark.storage.result_cache import CachedResult, ResultInputs, open_result_cache
from planmark.text.masking import without_secrets
from planmark.text.visible import visible
from planmark.workspace.file_entries import KINDS_IN_READ_ORDER, kind_of
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments, Snapshot
from planmark.workspace.template_files import read_templates
from planmark.workspace.work_evidence import head_files

COMMANDS_THAT_SHOW_LEASES = frozenset({"status"})
"""Commands whose results show the leases."""
SETTINGS_FILES = ("planmark.toml", "pyproject.toml")


def cache_result(
    context: CommandContext[CommandOptions],
    index: Index,
    view: View,
    key: CommandKey,
    result: CommandResult,
    since_ns: int,
) -> None:
    """Cache the result of a command under `key`, if the result can be cached.

    `since_ns` is the time at which the command began, in nanoseconds since 1970.
    """
    if not index.settings["cache.enable"]:
        return
    notes = () if context.options.quiet else (*context.notes, *result.notes)
    templates_folder = index.settings["prompts.templates"]
    if index.listing.links or (templates_folder and context.notes):
        return
    cache = open_result_cache(index.root, make=True)
    if cache is None:
        return
    needs_history = any(format_plan.answers.history for format_plan in view.formats.evaluated_plans.values())
    head_paths = head_files(index.root) if needs_history else ()
    if head_paths is None:
        return
    lease_paths = lease_folders(index.root) if key.command in COMMANDS_THAT_SHOW_LEASES else ()
    if lease_paths is None or not view.leases.is_empty:
        # A lease ends by time, which no file shows.
        return
    cached_result = CachedResult(
        code=result.code,
        out=result.output,
        revision=result.run.revision if result.run else None,
        feature=result.feature,
        step=result.step,
        tokens=result.tokens,
        err="".join(f"{visible(without_secrets(note))}\n" for note in notes),
        record_bytes=index.settings["metrics.fileBytes"] if index.settings["metrics.file"] else 0,
        prompt=result.prompt_id,
    )
    inputs = collect_inputs(index, view, context.dependencies)
    all_inputs = inputs._replace(files=(*inputs.files, *head_paths, *lease_paths))
    cache.put(index.root, key.text, cached_result, all_inputs, since_ns)


def collect_inputs(index: Index, view: View, dependencies: DependencyLog) -> ResultInputs:
    """Return all inputs that the result of a command may depend on, if the command has made the result from `view`.

    `dependencies` are the inputs that the command has recorded.
    """
    listing, snapshot = index.listing, view.snapshot
    scan_paths = (*listing.folders, *listing.ignore_files, *SETTINGS_FILES, *_deciding_files(index, snapshot))
    existence = dict(dependencies.existence)
    if view.is_checked:
        files = {*listing.files, *dependencies.texts}
        existence = {**index.existence, **existence}
    else:
        paths = {*view.evaluations.evaluated, *view.evaluations.standings}
        plans = [plan for path in paths if (plan := snapshot.plan_at(path))]
        parallel_paths = (plan.parallel.path for plan in snapshot.plans if plan.parallel)
        files = {*dependencies.texts, *parallel_paths, *(path for plan in plans for path in _paths_of_plan(plan))}
        if view.cases.was_searched:
            # A document of any plan may hold a similar case.
            files |= {path for path in listing.files if kind_of(path) in KINDS_IN_READ_ORDER}
    for format_plan in view.formats.evaluated_plans.values():
        files.update(format_plan.site.documents)
        files.update(format_plan.answers.line_counts)
        existence = {**format_plan.answers.exists_by_path, **existence}
    files |= set(_template_paths(index))
    stamps = {**listing.folders, **{path: stamp.mtime_ns for path, stamp in listing.files.items()}}
    return ResultInputs(scan_paths, tuple(sorted(files - {*scan_paths})), stamps, dict(sorted(existence.items())))


def _deciding_files(index: Index, snapshot: Snapshot) -> Iterator[str]:
    """Yield the path of each file whose content decides to which plan the file belongs, or whether it is a PLAN."""
    problem_paths = {problem.path for problem in snapshot.problems}
    for path in index.listing.files:
        name = path.rpartition("/")[2]
        document = snapshot.documents.get(path)
        # The content of a misnamed file may assign the file to a different plan.
        is_unread = kind_of(path) == "misnamed" or (document is None and kind_of(path) in KINDS_IN_READ_ORDER)
        if (
            document_format().may_be_plan(name)
            or is_unread
            or path in problem_paths
            or (document and _is_assigned_by_header(document, snapshot))
        ):
            yield path


def _is_assigned_by_header(document: Document, snapshot: Snapshot) -> bool:
    """Tell whether the header of a work file decides to which plan the file belongs.

    The header decides if the file name matches no plan, or several plans.
    """
    plans_by_name = snapshot.table.by_feature.get(document.name.feature, ())
    return document.name.kind in document_format().work_kinds and len(plans_by_name) != 1


def _paths_of_plan(plan: PlanDocuments) -> Iterator[str]:
    documents = (plan.document, *plan.subplans, *plan.executions, *plan.verdicts, *plan.misnamed)
    yield from (document.path for document in documents)
    yield from plan.ambiguous_verdicts
    yield from (copy.path for copy in plan.copies)
    if plan.parallel:
        yield plan.parallel.path


def _template_paths(index: Index) -> Iterator[str]:
    folder = index.settings["prompts.templates"]
    if folder:
        yield folder
        yield from (template.path for template in read_templates(Path(index.root), folder).values())
