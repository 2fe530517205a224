"""Links from names in GSD documents to files: ids and file names of plans."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.checkbox.links import LinkTarget, finder, links_of, paths_finder
from planmark.formats.gsd.layout import PHASE_PATTERN, padded_number
from planmark.formats.gsd.tree import Tree
from planmark.plans.format import PlanInput, TextLink

_PLAN_MENTION = re.compile(
    rf"(?<![\w./-])(?P<name>(?P<phase>{PHASE_PATTERN})-(?P<plan>\d{{2,4}}[a-z]?)(?:-(?P<kind>PLAN|SUMMARY)(?:\.md)?)?)(?![\w-])"
)


def links(plan: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    """Return the links in a document of a tree. With `only_line` (1-based), return those of that line."""
    tree = Tree(plan)

    def target(match: re.Match[str]) -> LinkTarget | None:
        file = tree.by_id.get(f"{padded_number(match['phase'])}-{padded_number(match['plan'])}")
        if file is None:
            return None
        target_path = file.summary if match["kind"] == "SUMMARY" else file.path or file.summary
        return LinkTarget(target_path, 1) if target_path and target_path != path else None

    root = plan.site.folder.partition(".planning")[0].rstrip("/")
    return links_of(plan, path, (finder(_PLAN_MENTION, target), paths_finder(plan, path, root)), only_line)
