"""The plans of other formats in a workspace, found by the paths of their documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from planmark.plans.document import DocumentName
from planmark.plans.document_format import document_format
from planmark.plans.format import FormatDocument, PlanSite, no_naming
from planmark.plans.registry import format_named, formats
from planmark.workspace.file_entries import FileEntry
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.snapshot import Snapshot


def sites_after(before: Snapshot, records: PathMap[FormatDocument]) -> tuple[PlanSite, ...]:
    """Return the plans among `records`.

    The plans of the earlier snapshot change only if a document begins or ceases to count, or names its plan
    differently.
    """
    changed_paths = records.differences(before.records)
    is_same = all(_counts(records.get(path)) == _counts(before.records.get(path)) for path in changed_paths)
    if is_same and not any(_is_renamed(site, changed_paths, before.records, records) for site in before.sites):
        return before.sites
    return find_sites(records)


def _is_renamed(
    site: PlanSite,
    changed_paths: AbstractSet[str],
    before: Mapping[str, FormatDocument],
    after: Mapping[str, FormatDocument],
) -> bool:
    """Tell whether a changed document names its plan differently."""
    naming = format_named(site.format).naming
    return naming is not no_naming and any(
        naming(site, before[path]) != naming(site, after[path]) for path in changed_paths if path in site.documents
    )


def _counts(record: FormatDocument | None) -> bool:
    return record is not None and format_named(record.format).counts(record)


def find_sites(records: Mapping[str, FormatDocument]) -> tuple[PlanSite, ...]:
    """Return the plans of all formats, sorted by path. Each file already has one format, so no plan is found twice."""
    paths: dict[str, list[str]] = {}
    for path, record in records.items():
        if _counts(record):
            paths.setdefault(record.format, []).append(path)
    sites = [
        site
        for registered in formats()
        if registered.name in paths
        for site in format_named(registered.name).discover(sorted(paths[registered.name]))
    ]
    return tuple(sorted((_site_with_name(site, sites, records) for site in sites), key=lambda site: site.path))


def _site_with_name(site: PlanSite, sites: Sequence[PlanSite], records: Mapping[str, FormatDocument]) -> PlanSite:
    """Return a plan with the name that its document states, if no other plan has that name."""
    naming = format_named(site.format).naming
    if naming is no_naming:
        return site
    name = next((name for path in site.documents if (name := naming(site, records[path]))), "")
    is_taken = any(other.feature == name for other in sites if other is not site)
    return replace(site, feature=name) if name and not is_taken else site


class SharedNames:
    """The files whose names are valid in the methodology and in another format.

    Such a file belongs to the other format, unless a SUBPLAN or an EXECUTION_TASK is in the same folder or has the same
    feature. Therefore no plan is shown twice.
    """

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._taken: set[str] = set()
        """Paths of the files that belong to the other format."""
        self._stay: set[str] = set()
        """Paths of the files that also belonged to the other format before the last change."""

    def resolved(
        self, changed_paths: AbstractSet[str], entries: Mapping[str, FileEntry], listed_paths: Iterable[str]
    ) -> dict[str, FileEntry | None]:
        """Return the changed entries, each with its document or its record, and the entries that changed as a result.

        None stands for a deleted file. `listed_paths` are the paths of all files.
        """
        changed_entries = {path: entries.get(path) for path in changed_paths}
        before = set(self._taken)
        self._taken -= changed_paths
        for path, entry in changed_entries.items():
            is_shared = entry is not None and entry.document is not None and entry.record is not None
            (self._paths.add if is_shared else self._paths.discard)(path)
        self._stay = set()
        if not self._paths:
            return changed_entries
        work = {path: name.feature for path in changed_paths if (name := _work(path))}
        folders, features = {_folder(path) for path in work}, set(work.values())
        affected_names = {
            path
            for path in self._paths
            if path in changed_paths or _folder(path) in folders or _feature(path, entries) in features
        }
        if affected_names:
            work = {path: name.feature for path in listed_paths if (name := _work(path))}
            folders, features = {_folder(path) for path in work}, set(work.values())
        for path in affected_names:
            entry = entries[path]
            if _folder(path) in folders or _feature(path, entries) in features:
                self._taken.discard(path)
                changed_entries[path] = replace(entry, record=None)
            else:
                self._taken.add(path)
                changed_entries[path] = replace(entry, document=None, packed_diagnostics=b"", mentioned_words=())
        self._stay = before & self._taken
        return changed_entries

    def moved(self, changed_paths: Iterable[str]) -> Iterable[str]:
        """Return the changed paths, without files that still belong to the other format."""
        return [path for path in changed_paths if path not in self._stay] if self._stay else changed_paths

    def others(self, paths: Sequence[str]) -> Sequence[str]:
        """Return the paths, without files that belong to the other format."""
        return [path for path in paths if path not in self._taken] if self._taken else paths


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _feature(path: str, entries: Mapping[str, FileEntry]) -> str | None:
    """Return the feature in the name of a PLAN; None for any other name."""
    document = entries[path].document
    return document.name.feature or None if document else None


def _work(path: str) -> DocumentName | None:
    """Return the name of a SUBPLAN or an EXECUTION_TASK, which marks a plan as a plan of the methodology."""
    name = document_format().parse_name(path.rpartition("/")[2])
    return name if name is not None and name.kind in document_format().work_kinds else None
