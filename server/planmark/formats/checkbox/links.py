"""Links from names in a document of a checkbox plan to lines of the plan. Each format has finders for its names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from planmark.formats.checkbox.lines import Line, full_width_to_ascii, read_lines
from planmark.formats.checkbox.tasks import Task
from planmark.plans.format import PlanInput, TextLink
from planmark.text.lazy_pattern import lazy_pattern

_WRITTEN_PATH = lazy_pattern(
    r"`(?P<code>[^`\s]{3,200})`|\]\((?P<link>[^()\s]{3,200})\)|(?<![\w./`(-])(?P<bare>[\w.-]{1,100}/[\w./-]{2,200}\.md)\b"
)
"""Pattern for a path in backticks (group `code`), in a Markdown link (`link`), or in plain text (`bare`)."""
_DIGIT = lazy_pattern(r"\d")
MAX_SEARCHED_CHARACTERS = 4_000
"""Maximum number of characters per line in which names are searched. The characters after them are ignored."""


class LinkTarget(NamedTuple):
    """A document and a 1-based line in it; line 0 means the whole document."""

    path: str
    line: int


class LinkedName(NamedTuple):
    """A name in a line, with the target of its link. `start` and `end` are columns, and `end` is exclusive."""

    start: int
    end: int
    target: LinkTarget


Finder = Callable[[Line], Iterable[LinkedName]]
"""Function that returns the linked names in a line."""
TargetOf = Callable[[re.Match[str]], LinkTarget | None]
"""Function that returns the link target of the name that a pattern matched, or None if the name is not a link."""


def links_of(plan: PlanInput, path: str, finders: Sequence[Finder], only_line: int | None) -> list[TextLink]:
    """Return the links in the document at `path`. If `only_line` is given, return the links in this 1-based line.

    `finders` find the names with their targets. A name in the line that is its target is a definition, not a link. If
    two names overlap, only the name of the earlier finder is a link.
    """
    if path not in plan.documents:
        return []
    links: list[TextLink] = []
    for line in read_lines(plan.text(path)):
        if not line.text or line.kind in ("comment", "front_matter") or only_line not in (None, line.number):
            continue
        line = line._replace(text=line.text[:MAX_SEARCHED_CHARACTERS])
        linked_names: list[LinkedName] = []
        for finder in finders:
            linked_names += [
                linked_name
                for linked_name in finder(line)
                if not any(_overlap(linked_name, other) for other in linked_names)
            ]
        links += [
            TextLink(line.number, linked_name.start, linked_name.end, *linked_name.target)
            for linked_name in sorted(linked_names, key=lambda linked_name: linked_name.start)
            if linked_name.target != (path, line.number)
        ]
    return links


def _overlap(linked_name: LinkedName, other: LinkedName) -> bool:
    """Tell whether two names in a line share a column."""
    return linked_name.start < other.end and other.start < linked_name.end


def find_nothing(_line: Line) -> Iterable[LinkedName]:
    """Return no names. Use this finder for a document that cannot contain names of a certain kind."""
    return ()


def finder(
    pattern: re.Pattern[str], target_of: TargetOf, *, in_fences: bool = False, without_digits: bool = False
) -> Finder:
    """Return a finder of the matches of `pattern` for which `target_of` returns a target.

    The group `name` of the pattern contains the name. Lines in fences are skipped unless `in_fences` is True. Lines
    without a digit are skipped unless `without_digits` is True. Full-width characters are read as ASCII characters.
    """

    def find(line: Line) -> Iterator[LinkedName]:
        if (line.kind == "fence" and not in_fences) or not (without_digits or _DIGIT.search(line.text)):
            return
        for match in pattern.finditer(full_width_to_ascii(line.text)):
            if target := target_of(match):
                yield LinkedName(*match.span("name"), target)

    return find


def finder_in_lists(
    list_pattern: re.Pattern[str], name_pattern: re.Pattern[str], targets: Mapping[str, LinkTarget]
) -> Finder:
    """Return a finder of names in lists of names.

    `list_pattern` matches a list of names; its group `names` contains the list. `name_pattern` matches a name in the
    list. `targets` has the target of each name. A name that is not in `targets` is not a link.
    """

    def find(line: Line) -> Iterator[LinkedName]:
        if line.kind == "fence" or not targets or not _DIGIT.search(line.text):
            return
        text = full_width_to_ascii(line.text)
        for match in list_pattern.finditer(text):
            for inner_match in name_pattern.finditer(text, *match.span("names")):
                if target := targets.get(inner_match[0]):
                    yield LinkedName(*inner_match.span(), target)

    return find


def task_targets(path: str, tasks: Iterable[Task]) -> dict[str, LinkTarget]:
    """Return a mapping from each id to a link target: the line of the first task with this id.

    `path` is the document with the tasks.
    """
    targets: dict[str, LinkTarget] = {}
    for task in tasks:
        if task.id:
            targets.setdefault(task.id, LinkTarget(path, task.line))
    return targets


def paths_finder(plan: PlanInput, path: str, root: str) -> Finder:
    """Return a finder for the document at `path`. It finds paths of documents of the plan, and paths of existing files.

    A written path may be relative to the document, to the folder of the plan, to `root` or to the workspace.
    """
    is_in_plan = path.startswith(f"{plan.site.folder}/")
    bases = tuple(dict.fromkeys((path.rpartition("/")[0], *([plan.site.folder] if is_in_plan else []), root, "")))

    def find(line: Line) -> Iterator[LinkedName]:
        if line.kind == "fence" or ("/" not in line.text and "." not in line.text):
            return
        for match in _WRITTEN_PATH.finditer(line.text):
            path_text = match["code"] or match["link"] or match["bare"]
            target = _existing_path(plan, path, bases, path_text.partition("#")[0])
            if target:
                group = match.lastgroup or 0
                yield LinkedName(match.start(group), match.end(group), LinkTarget(target, 0))

    return find


def _existing_path(plan: PlanInput, path: str, bases: Iterable[str], written_path: str) -> str | None:
    """Return the path of the existing file that a written path means, or None.

    `path` is the document with the written path, and `bases` are the folders that the written path may be relative to.
    """
    if "://" in written_path or "." not in written_path or written_path.endswith("/"):
        return None
    for base in bases:
        candidate = posixpath.normpath(posixpath.join(base, written_path)).removeprefix("/")
        if candidate != path and (candidate in plan.documents or ("/" in written_path and plan.exists(candidate))):
            return candidate
    return None
