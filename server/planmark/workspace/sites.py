"""The plans of other formats in a workspace, as the paths of their documents show them."""

from __future__ import annotations

from collections.abc import Mapping

from planmark.plans.format import FormatDocument, PlanSite
from planmark.plans.registry import format_named, formats
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.snapshot import Snapshot


def sites_after(before: Snapshot, records: PathMap[FormatDocument]) -> tuple[PlanSite, ...]:
    """Return the plans among `records`. Only documents that begin or cease to count change those of the snapshot before."""
    changed = records.differences(before.records)
    if all(_counts(records.get(path)) == _counts(before.records.get(path)) for path in changed):
        return before.sites
    return find_sites(records)


def _counts(record: FormatDocument | None) -> bool:
    return record is not None and format_named(record.format).counts(record)


def find_sites(records: Mapping[str, FormatDocument]) -> tuple[PlanSite, ...]:
    """Return the plans of all formats, sorted by path. The format of a file is already decided, so none is found twice."""
    paths: dict[str, list[str]] = {}
    for path, record in records.items():
        if _counts(record):
            paths.setdefault(record.format, []).append(path)
    found = [
        site
        for known in formats()
        if known.name in paths
        for site in format_named(known.name).discover(sorted(paths[known.name]))
    ]
    return tuple(sorted(found, key=lambda site: site.path))
