"""The plans of other formats in a workspace, found by the paths of their documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from planmark.plans.document import DocumentName
from planmark.plans.document_format import document_format
from planmark.plans.format import FormatDocument, PlanSite, no_plan_name
from planmark.plans.registry import format_named, formats
from planmark.workspace.file_entries import FileEntry
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.snapshot import Snapshot


def sites_after(old_snapshot: Snapshot, records: PathMap[FormatDocument]) -> tuple[PlanSite, ...]:
    """Return the plans of other formats whose documents are in `records`.

    If the same documents count as before, and no plan gets a new name, return the tuple of `old_snapshot`.
    """
    changed_paths = records.differences(old_snapshot.records)
    counts_are_same = all(
        _counts_for_plan(records.get(path)) == _counts_for_plan(old_snapshot.records.get(path))
        for path in changed_paths
    )
    if counts_are_same and not any(
        _has_new_plan_name(site, changed_paths, old_snapshot.records, records) for site in old_snapshot.sites
    ):
        return old_snapshot.sites
    return find_sites(records)


def _has_new_plan_name(
    site: PlanSite,
    changed_paths: AbstractSet[str],
    old_records: Mapping[str, FormatDocument],
    new_records: Mapping[str, FormatDocument],
) -> bool:
    """Tell whether a changed document of `site` gives the plan a different name than before."""
    naming = format_named(site.format).naming
    return naming is not no_plan_name and any(
        naming(site, old_records[path]) != naming(site, new_records[path])
        for path in changed_paths
        if path in site.documents
    )


def _counts_for_plan(record: FormatDocument | None) -> bool:
    """Tell whether a document exists and its format counts it as a document of a plan."""
    return record is not None and format_named(record.format).counts(record)


def find_sites(records: Mapping[str, FormatDocument]) -> tuple[PlanSite, ...]:
    """Return the plans of all formats but the methodology, sorted by path. Each document in `records` has only one
    format, so no plan is found twice.
    """
    paths_by_format: dict[str, list[str]] = {}
    for path, record in records.items():
        if _counts_for_plan(record):
            paths_by_format.setdefault(record.format, []).append(path)
    sites = [
        site
        for registered in formats()
        if registered.name in paths_by_format
        for site in format_named(registered.name).discover(sorted(paths_by_format[registered.name]))
    ]
    return tuple(sorted((_site_with_name(site, sites, records) for site in sites), key=lambda site: site.path))


def _site_with_name(site: PlanSite, sites: Sequence[PlanSite], records: Mapping[str, FormatDocument]) -> PlanSite:
    """Return `site` with the name that one of its documents states.

    If no document states a name, or if a different plan has this name, return `site` unchanged.
    """
    naming = format_named(site.format).naming
    if naming is no_plan_name:
        return site
    name = next((name for path in site.documents if (name := naming(site, records[path]))), "")
    if not name or any(other_site.feature == name for other_site in sites if other_site is not site):
        return site
    return replace(site, feature=name)


class SharedNames:
    """The files whose names are valid in the methodology and in another format.

    Such a file belongs to the other format, unless a SUBPLAN or an EXECUTION_TASK is in the same folder or has the same
    feature. Therefore no plan is shown twice.
    """

    def __init__(self) -> None:
        self._shared_paths: set[str] = set()
        """Paths of the files whose names and contents are valid in both formats."""
        self._paths_of_other_format: set[str] = set()
        """Paths of the files that belong to the other format."""
        self._unmoved_paths: set[str] = set()
        """Paths of the files that belong to the other format now, and also before the last change."""

    def resolved_entries(
        self, changed_paths: AbstractSet[str], entries: Mapping[str, FileEntry], listed_paths: Iterable[str]
    ) -> dict[str, FileEntry | None]:
        """Return a mapping from a path to its entry, for each changed entry.

        Changed entries are those at `changed_paths`, and those of files with shared names whose format changes because
        of these paths. The entry of such a file has a document or a record, not both. The entry of a deleted file is
        None. `entries` are all entries by path. `listed_paths` are the paths of all files.
        """
        changed_entries = {path: entries.get(path) for path in changed_paths}
        old_paths = set(self._paths_of_other_format)
        self._paths_of_other_format -= changed_paths
        for path, entry in changed_entries.items():
            is_shared = entry is not None and entry.document is not None and entry.record is not None
            (self._shared_paths.add if is_shared else self._shared_paths.discard)(path)
        self._unmoved_paths = set()
        if not self._shared_paths:
            return changed_entries
        feature_by_path = {path: name.feature for path in changed_paths if (name := _work_name(path))}
        folders, features = {_folder_of(path) for path in feature_by_path}, set(feature_by_path.values())
        affected_paths = {
            path
            for path in self._shared_paths
            if path in changed_paths or _folder_of(path) in folders or _feature_of_document(path, entries) in features
        }
        if affected_paths:
            feature_by_path = {path: name.feature for path in listed_paths if (name := _work_name(path))}
            folders, features = {_folder_of(path) for path in feature_by_path}, set(feature_by_path.values())
        for path in affected_paths:
            entry = entries[path]
            if _folder_of(path) in folders or _feature_of_document(path, entries) in features:
                self._paths_of_other_format.discard(path)
                changed_entries[path] = replace(entry, record=None)
            else:
                self._paths_of_other_format.add(path)
                changed_entries[path] = replace(entry, document=None, packed_diagnostics=b"", mentioned_words=())
        self._unmoved_paths = old_paths & self._paths_of_other_format
        return changed_entries

    def changed_in_methodology(self, changed_paths: Iterable[str]) -> Iterable[str]:
        """Return `changed_paths` without the files that belonged to another format before the change, and still belong
        to it.
        """
        return (
            [path for path in changed_paths if path not in self._unmoved_paths]
            if self._unmoved_paths
            else changed_paths
        )

    def paths_of_methodology(self, paths: Sequence[str]) -> Sequence[str]:
        """Return `paths` without the files that belong to a format other than the methodology."""
        return (
            [path for path in paths if path not in self._paths_of_other_format]
            if self._paths_of_other_format
            else paths
        )


def _folder_of(path: str) -> str:
    """Return the folder of a file."""
    return path.rpartition("/")[0]


def _feature_of_document(path: str, entries: Mapping[str, FileEntry]) -> str | None:
    """Return the feature in the name of the document at `path`; None if the methodology does not read the document, or
    if its name has no feature.
    """
    document = entries[path].document
    return document.name.feature or None if document else None


def _work_name(path: str) -> DocumentName | None:
    """Return the name of the SUBPLAN or EXECUTION_TASK at `path`; None for any other file.

    Such a document shows that its folder or its feature belongs to a plan of the methodology.
    """
    name = document_format().parse_name(path.rpartition("/")[2])
    return name if name is not None and name.kind in document_format().work_kinds else None
