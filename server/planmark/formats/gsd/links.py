"""Links from names in GSD documents to files: ids and file names of plans."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.checkbox.links import LinkTarget, finder, links_of, paths_finder
from planmark.formats.gsd.layout import PHASE_PATTERN, padded_number
from planmark.formats.gsd.tree import Tree
from planmark.plans.format import PlanInput, TextLink
from planmark.text.lazy_pattern import lazy_pattern

_PLAN_MENTION = lazy_pattern(
    rf"(?<![\w./-])(?P<name>(?P<phase>{PHASE_PATTERN})-(?P<plan>\d{{2,4}}[a-z]?)(?:-(?P<kind>PLAN|SUMMARY)(?:\.md)?)?)(?![\w-])"
)


def links(plan_input: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    """Return the links in a document of a tree. With `only_line` (1-based), return those of that line."""
    tree = Tree(plan_input)

    def target(match: re.Match[str]) -> LinkTarget | None:
        """Return the file of the plan that a match names; None for the document itself and for unknown plans."""
        plan_file = tree.plan_by_id.get(f"{padded_number(match['phase'])}-{padded_number(match['plan'])}")
        if plan_file is None:
            return None
        target_path = plan_file.summary if match["kind"] == "SUMMARY" else plan_file.path or plan_file.summary
        return LinkTarget(target_path, 1) if target_path and target_path != path else None

    project_folder = plan_input.site.folder.partition(".planning")[0].rstrip("/")
    return links_of(
        plan_input, path, (finder(_PLAN_MENTION, target), paths_finder(plan_input, path, project_folder)), only_line
    )
