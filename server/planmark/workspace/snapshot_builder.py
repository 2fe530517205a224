"""The next snapshot of a workspace, from the snapshot before it and the changes since then."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from planmark.metrics.trace import profiled
from planmark.workspace.entry_table import EntryTable
from planmark.workspace.existence import Existence
from planmark.workspace.file_table import FileTable, skipped_by_problems
from planmark.workspace.overlays import Overlays
from planmark.workspace.ownership import new_ownership
from planmark.workspace.scan import Problem
from planmark.workspace.settings import Settings
from planmark.workspace.sites import SharedNames, sites_after
from planmark.workspace.snapshot import Snapshot


class SnapshotBuilder:
    """The builder of the snapshots of an index, for fixed settings. It reads the tables of the index.

    Each call of `build` updates the assignment of documents to plans, so no change may be left out of the calls.
    """

    def __init__(
        self, settings: Settings, files: FileTable, entries: EntryTable, overlays: Overlays, existence: Existence
    ) -> None:
        self._settings = settings
        self._files = files
        self._entries = entries
        self._overlays = overlays
        self._existence = existence
        self._ownership = new_ownership(settings)
        self._shared_names = SharedNames()

    @profiled("discover")
    def build(self, previous_snapshot: Snapshot, *, has_other_changes: bool, is_complete: bool) -> Snapshot:
        """Return the next snapshot: `previous_snapshot` with the changed entries of the entry table.

        `has_other_changes` tells whether a table other than the entry table, or the problem of a file, changed.
        `is_complete` tells whether a scan has read all files.
        """
        changed_paths, entries_by_path = self._entries.changed_paths, self._entries.by_path
        existing_paths = {
            path for path in changed_paths if path in self._files.stamps or path in self._overlays.counted_texts
        }
        names = previous_snapshot.names.changed(_changed_file_names(previous_snapshot, changed_paths, existing_paths))
        paths = (
            previous_snapshot.paths
            if names is previous_snapshot.names
            else tuple(sorted({*self._files.stamps, *self._overlays.counted_texts}))
        )
        entries = self._shared_names.resolved_entries(changed_paths, entries_by_path, paths)
        documents = previous_snapshot.documents.changed(
            {path: entry.document if entry else None for path, entry in entries.items()}
        )
        records = previous_snapshot.records.changed(
            {path: entry.record if entry else None for path, entry in entries.items()}
        )
        problems = tuple(self._problems()) if has_other_changes else previous_snapshot.problems
        skipped = (
            self._files.all_skipped(skipped_by_problems(problems)) if has_other_changes else previous_snapshot.skipped
        )
        ownership_result = self._ownership.update(
            self._shared_names.changed_in_methodology(entries),
            self._shared_names.paths_of_methodology(paths),
            documents,
            lambda path: entries_by_path[path].capitals,
            lambda path: entries_by_path[path].digest,
            skipped,
        )
        newly_checked = self._existence.check_new({path for entry in entries.values() if entry for path in entry.named})
        is_presence_unchanged = not has_other_changes and not any(newly_checked.values())
        listing = self._files.listing
        return Snapshot(
            root=previous_snapshot.root,
            revision=previous_snapshot.revision + 1,
            complete=is_complete,
            settings=self._settings,
            paths=paths,
            names=names,
            documents=documents,
            packed_diagnostics=previous_snapshot.packed_diagnostics.changed(
                {path: (entry.packed_diagnostics or None) if entry else None for path, entry in entries.items()}
            ),
            records=records,
            sites=sites_after(previous_snapshot, records),
            mentioned_words=previous_snapshot.mentioned_words.changed(
                {path: entry.mentioned_words if entry else None for path, entry in entries.items()}
            ),
            table=ownership_result.table,
            plans=ownership_result.plans,
            owners=ownership_result.owners,
            orphans=ownership_result.orphans,
            strays=ownership_result.strays,
            misnamed=ownership_result.misnamed,
            problems=problems,
            skipped=skipped,
            ignored_folders=listing.ignored_folders,
            left_out=listing.left_out,
            checkouts=listing.checkouts,
            present_paths=previous_snapshot.present_paths
            if is_presence_unchanged
            else self._existence.present_paths(previous_snapshot.present_paths),
            extensions=listing.extensions,
            others=listing.others,
            unread_plans=listing.unread_plans,
        )

    def _problems(self) -> Iterator[Problem]:
        """Yield the problems of the settings, of the files on the disk, and of the texts of files."""
        for warning in self._settings.warnings:
            yield Problem(self._settings.source, "configuration", warning.message)
        yield from (self._files.problems[key] for key in sorted(self._files.problems))
        yield from self._entries.problems()


def _changed_file_names(
    previous_snapshot: Snapshot, changed_paths: set[str], existing_paths: set[str]
) -> dict[str, tuple[str, ...] | None]:
    """Return the changed entries of `Snapshot.names`: a mapping from a file name to the paths of its files.

    None in place of the paths means that no file has this name any more. `changed_paths` are the paths to check.
    `existing_paths` are the paths among them at which a file exists now.
    """
    changed_paths_by_name: dict[str, list[str]] = {}
    for path in changed_paths:
        changed_paths_by_name.setdefault(sys.intern(path.rpartition("/")[2]), []).append(path)
    names: dict[str, tuple[str, ...] | None] = {}
    for name, paths in changed_paths_by_name.items():
        previous_paths = frozenset(previous_snapshot.names.get(name, ()))
        current_paths = previous_paths.difference(paths) | existing_paths.intersection(paths)
        if current_paths != previous_paths:
            names[name] = tuple(sorted(current_paths)) or None
    return names
