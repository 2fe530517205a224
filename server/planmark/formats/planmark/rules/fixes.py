"""The fixes of diagnostics, as changes that an editor shows before it applies them.

Most diagnostics carry the replacement text; `FIXES` has a function for each of the others. A `preferred` fix never
creates, removes or moves a verdict, and never takes back that work is done. Only people decide that.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from planmark.diagnostics.fixes import replace_line, replace_target
from planmark.diagnostics.rule_inputs import Fix, FixContext
from planmark.documents.achievements import defining_line, definitions
from planmark.documents.file_names import parse_name
from planmark.documents.ids import ID_PATTERN, decode, long_number, number_for
from planmark.documents.parallel_json import parse_parallel
from planmark.documents.parsed_source import SectionPosition, parse_sections, sections_with_name
from planmark.formats.planmark.rules.consistency import with_tick, without_tick
from planmark.formats.planmark.rules.dependencies import mirrors
from planmark.formats.planmark.rules.formatting import damaged_lines, swallowing_fence
from planmark.formats.planmark.rules.naming import plan_around, renamed_number
from planmark.formats.planmark.rules.structure import REQUIRED_SECTIONS, canonical, index_section, redefined
from planmark.markdown.blocks import split_lines
from planmark.text.json_spans import JsonSpan, Step, json_places
from planmark.text.lines import LineIndex, line_ends, line_index
from planmark.text.masking import without_secrets
from planmark.workflow.assignment import verdict_readings
from planmark.workspace.discovery import join, parent
from planmark.workspace.snapshot import PlanDocuments
from planmark.workspace.workspace_edits import RenamePath, TextChange, whole_lines


def _remove_tick(m: FixContext) -> Iterator[Fix]:
    return replace_line(m, without_tick(m.line), "Remove the tick", preferred=False)


def _add_tick(m: FixContext) -> Iterator[Fix]:
    return replace_line(m, with_tick(m.line), "Add the tick", preferred=True)


def _line_end(text: str) -> str:
    """Return the line end of most lines of a document."""
    ends = line_ends(text)
    return max(ends, key=lambda end: ends[end]) if ends else "\n"


def _missing_section(m: FixContext) -> Iterator[Fix]:
    """Insert the heading and a placeholder before the first section that comes later in the document's order."""
    name = parse_name(m.path.rpartition("/")[2])
    needed = REQUIRED_SECTIONS.get(name.kind, ()) if name else ()
    position = next((n for n, known in enumerate(needed) if known.heading == m.diagnostic.replacement), None)
    source = parse_sections(m.text)
    if position is None or sections_with_name(source, needed[position].name):
        return
    later = [heading for known in needed[position + 1 :] for heading in sections_with_name(source, known.name)]
    at = source[min(later)].start if later else len(split_lines(m.text))
    text = f"## {needed[position].heading}\n\n[FILL: {needed[position].holds}]\n"
    text = f"{text}\n" if later else f"\n{text}"
    yield Fix(f"Add the section `{needed[position].heading}`", False, (whole_lines(m.path, m.text, at, text),))


def _index(m: FixContext) -> Iterator[Fix]:
    """Insert an index of all achievements before the first of them or its heading of level 2."""
    files = _plan(m)
    if files is None or sections_with_name(parse_sections(m.text), "achievement_index"):
        return
    source = parse_sections(m.text)
    first = min(known.at.section for known in files.facts.achievements)
    level_2 = [
        index
        for index in range(first + 1)
        if source[index].section.kind == "heading" and source[index].section.level <= 2
    ]
    at = source[level_2[-1]].start if level_2 and source[level_2[-1]].section.level == 2 else source[first].start
    yield Fix(
        "Add an Achievement Index", False, (whole_lines(m.path, m.text, at, index_section(files.facts.achievements)),)
    )


def _add_to_index(m: FixContext) -> Iterator[Fix]:
    """Add a line to the index for an achievement that has a body."""
    files = _plan(m)
    wanted = m.diagnostic.replacement
    if files is None or not wanted or files.facts.index is None:
        return
    defined = defining_line(m.line)
    title = defined[2] if defined else ""
    at = _behind_index(files, files.facts.index)
    lines = line_index(m.text)
    example = re.match(r"\s*(?:[-*+]\s+|[0-9]+[.)]\s+)?", lines.line(at - 1)) if at <= len(lines) else None
    mark = example[0] if example and re.search(r"[-*+]", example[0]) else "- "
    yield Fix(
        f"List {wanted} in the index",
        False,
        (whole_lines(m.path, m.text, at, f"{mark}Achievement {wanted}: {title}\n"),),
    )


def _behind_index(files: PlanDocuments, heading: SectionPosition) -> int:
    """Return the 0-based line after the last line of the index that lists an achievement, or after its heading."""
    in_order = reversed(files.facts.achievements)
    return files.document.line(next((known.index_at for known in in_order if known.index_at), heading))


def _define(m: FixContext) -> Iterator[Fix]:
    """Rewrite a near miss as a definition."""
    wanted = canonical(m.line)
    taken = {defined.id for defined in definitions(parse_sections(m.text))}
    if wanted and wanted.split("**")[1].removeprefix("Achievement ") not in taken:
        yield from replace_line(m, wanted, f"Write `{without_secrets(wanted)[:57]}`", preferred=False)


def _redefine(m: FixContext) -> Iterator[Fix]:
    """Rewrite a definition that counts in the canonical form.

    A diagnostic with `words` is about a line that only looks like a definition; the canonical form
    would not make it count.
    """
    if m.diagnostic.replacement:
        yield from replace_target(m)
    elif not m.diagnostic.target_text:
        yield from replace_line(m, redefined(m.line), "Write it in the canonical form", preferred=m.diagnostic.is_safe)


def _close_fence(m: FixContext) -> Iterator[Fix]:
    """Insert the mark that closes a fence, before the first heading that it swallows."""
    found = swallowing_fence(parse_sections(m.text))
    if found and found[0] == m.number:
        _, mark, heading = found
        lines = split_lines(m.text)
        at = heading - 1 if heading - 1 > m.number and not lines[heading - 1].strip() else heading
        yield Fix(f"Close the fence before line {heading + 1}", False, (whole_lines(m.path, m.text, at, f"{mark}\n"),))


def _encoding(m: FixContext) -> Iterator[Fix]:
    """Restore damaged lines, or change all line ends to the kind that most lines have."""
    damaged = damaged_lines(m.text)
    if damaged and m.diagnostic.target_text:
        changes = tuple(TextChange(m.path, number, 0, len(line), repaired) for number, line, repaired in damaged)
        yield Fix("Repair the encoding", True, changes)
        return
    if len(line_ends(m.text)) < 2 or m.diagnostic.target_text:
        return
    lines, wanted = line_index(m.text), _line_end(m.text)
    odd = []
    for number in range(len(lines) - 1):
        start = lines.offset_of(number) + len(lines.line(number))
        if m.text[start : lines.offset_of(number + 1)] != wanted:
            odd.append(TextChange(m.path, number, len(lines.line(number)), 0, wanted, 1))
    yield Fix("Use one kind of line end", True, tuple(odd))


_COMMA = re.compile(r"\s*,\s*")
_ID_AS_JSON = re.compile(rf'"\s*(?:achievement\s+)?(?P<id>{ID_PATTERN})\s*"', re.IGNORECASE)
_declared = functools.lru_cache(maxsize=1)(parse_parallel)
"""`parse_parallel` with a cache of one text, because several diagnostics are about one parallel file."""


def _stored_status(m: FixContext) -> Iterator[Fix]:
    """Remove one stored status from the parallel file, or all of them if the diagnostic is a hint."""
    facts, invalid = _declared(m.text)
    every = m.diagnostic.severity == "hint"
    lines = line_index(m.text)
    stored = _stored(m.text)
    wanted = [place for places in stored.values() for place in places] if every else stored.get(m.number, ())
    changes = [_range(m.path, lines, *_without(m.text, place.key_start, place.end)) for place in wanted]
    if facts.declared and not any(problem.severity == "error" for problem in invalid):
        yield Fix("Remove the stored statuses" if every else "Remove the stored status", True, tuple(changes))


@functools.lru_cache(maxsize=1)
def _stored(text: str) -> dict[int, list[JsonSpan]]:
    """Return the places of the statuses that a parallel file stores, by 0-based line."""
    lines, found = line_index(text), dict[int, list[JsonSpan]]()
    for path, place in json_places(text).items():
        if len(path) == 3 and path[0] == "achievements" and path[2] == "status":
            found.setdefault(lines.position(place.key_start).line, []).append(place)
    return found


def _without(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range of a pair of an object, with one of the commas around it and the whitespace before it."""
    first = start
    while first > 0 and text[first - 1].isspace():
        first -= 1
    first -= text.endswith(",", 0, first)
    behind = _COMMA.match(text, end)
    if behind and text[first] != ",":
        return start, behind.end()
    return first, end


def _range(path: str, lines: LineIndex, start: int, end: int, text: str = "") -> TextChange:
    first, last = lines.position(start), lines.position(end)
    return TextChange(path, first.line, first.column, last.column, text, last.line - first.line)


class Mirrored(NamedTuple):
    """The parts of a parallel file that fixes need.

    `places` has the place of each value. `entries` has the last entry of each id that is a string. `lacking` has the
    lists that lack an id, by (owner of the list, id).
    """

    places: Mapping[tuple[Step, ...], JsonSpan]
    entries: dict[str, tuple[Step, ...]]
    lacking: dict[tuple[str, str], list[str]]


@functools.lru_cache(maxsize=1)
def _mirrored(text: str) -> Mirrored:
    places, entries, lacking = json_places(text), dict[str, tuple[Step, ...]](), dict[tuple[str, str], list[str]]()
    for path, place in places.items():
        # The last of two entries with one id counts, as with two equal keys. An id that is not a string is left to
        # people.
        if path[2:] == ("achievement_id",) and (match := _ID_AS_JSON.fullmatch(text, place.start, place.end)):
            entries[match["id"]] = path[:2]
    for owner, other, key in mirrors(_declared(text)[0]):
        lacking.setdefault((owner, other), []).append(key)
    return Mirrored(places, entries, lacking)


def _symmetrize(m: FixContext) -> Iterator[Fix]:
    """Add the id to the list that lacks it.

    The fix is not preferred for `dependencies`, because that list decides which work has to wait.
    """
    places, entries, lacking = _mirrored(m.text)
    lines, owner, other = line_index(m.text), m.diagnostic.target_text, m.diagnostic.replacement or ""
    entry = entries.get(owner)
    for key in lacking.get((owner, other), ()) if entry is not None else ():
        assert entry
        listed = places.get((*entry, key))
        if listed is not None and m.text[listed.start] != "[":
            continue
        if listed is None:
            known = (*entry, "achievement_id")
            at, text = places[known].end, f', "{key}": ["{other}"]'
        else:
            inner = m.text[listed.start + 1 : listed.end - 1].rstrip()
            at, text = listed.start + 1 + len(inner), f', "{other}"' if inner else f'"{other}"'
        yield Fix(f"Add {other} to `{key}`", key == "blocks", (_range(m.path, lines, at, at, text),))


def _rename(m: FixContext) -> Iterator[Fix]:
    """Rename or move the file to where it should be."""
    wanted = m.diagnostic.replacement
    if wanted:
        target = wanted if "/" in wanted else join(parent(m.path), wanted)
        verb = "Rename" if parent(target) == parent(m.path) else "Move"
        yield from _renamed(m, target, f"{verb} to {wanted if verb == 'Move' else target.rpartition('/')[2]}")


def _renamed(m: FixContext, target: str, title: str) -> Iterator[Fix]:
    if target != m.path and not m.snapshot.has(target):
        yield Fix(title, False, (RenamePath(m.path, target),))


def _unambiguous(m: FixContext) -> Iterator[Fix]:
    """Rename the file: one fix for each achievement (and round) that its number may stand for."""
    files = plan_around(m.snapshot, m.path)
    document = m.snapshot.documents.get(m.path)
    if not files or not document:
        return
    for known, numbered in verdict_readings(document.name, files.facts.ids):
        name = renamed_number(m.path.rpartition("/")[2], document.name.number, known)
        about = known
        if numbered.round is not None and document.name.round is None:
            name = name.replace(long_number(known), f"{number_for(known, files.facts.ids)}_R{numbered.round}", 1)
            about = f"round {numbered.round} of {known}"
        yield from _renamed(m, join(parent(m.path), name), f"Rename to {name} ({about})")


def _named_after_plan(m: FixContext) -> Iterator[Fix]:
    """Write the feature of the plan into the header, the file name or the folder name."""
    document, wanted = m.snapshot.documents.get(m.path), m.diagnostic.replacement
    if document is None or wanted is None:
        return
    if m.diagnostic.target_text:
        yield from replace_target(m)
    elif document.name.kind != "plan":
        name = m.path.rpartition("/")[2].replace(f"_{document.name.feature}", f"_{wanted}", 1)
        yield from _renamed(m, join(parent(m.path), name), f"Rename to {name}")
    elif files := _plan(m):
        target = join(parent(files.folder), wanted)
        if not any(path.startswith(f"{target}/") for path in m.snapshot.paths):
            yield Fix(f"Rename the folder to {wanted}", False, (RenamePath(files.folder, target),))


def _number(m: FixContext) -> Iterator[Fix]:
    """Set the header to what the number says, or rename the file to what the header says."""
    yield from replace_target(m)
    files, document = plan_around(m.snapshot, m.path), m.snapshot.documents.get(m.path)
    named = m.diagnostic.target_text
    if files and document and named in files.facts.ids:
        number = number_for(named, files.facts.ids)
        name = m.path.rpartition("/")[2].replace(f"_{document.name.number}", f"_{number}", 1)
        yield from _renamed(m, join(parent(m.path), name), f"Rename to {name}")


def _orphan(m: FixContext) -> Iterator[Fix]:
    """Add the achievement that an orphan names to the index of the PLAN around it.

    Orphan verdicts have no such fix, because a listed achievement with an APPROVED would be approved.
    """
    files, document = plan_around(m.snapshot, m.path), m.snapshot.documents.get(m.path)
    named = getattr(document.facts, "achievement", None) if document else None
    if files is None or document is None or not named or named in files.facts.ids or files.facts.index is None:
        return
    if not decode(document.name.number, (named,)):
        return
    line = f"- Achievement {named}: [FILL: title]\n"
    change = whole_lines(files.path, m.read(files.path), _behind_index(files, files.facts.index), line)
    yield Fix(f"List {named} in the index of {files.feature}", False, (change,))


def _plan(m: FixContext) -> PlanDocuments | None:
    return m.snapshot.plan_at(m.path)


FIXES: dict[str, Callable[[FixContext], Iterator[Fix]]] = {
    "index-tick-without-verdict": _remove_tick,
    "index-tick-missing": _add_tick,
    "achievement-format": _redefine,
    "missing-section": _missing_section,
    "index-missing": _index,
    "index-mismatch": _add_to_index,
    "no-achievements": _define,
    "unclosed-fence": _close_fence,
    "encoding": _encoding,
    "parallel-status-stored": _stored_status,
    "dependency-asymmetric": _symmetrize,
    "document-name": _rename,
    "verdict-location": _rename,
    "plan-name": _rename,
    "number-ambiguous": _unambiguous,
    "feature-mismatch": _named_after_plan,
    "number-mismatch": _number,
    "orphan-subplan": _orphan,
    "orphan-execution": _orphan,
}
"""Code → the function that makes its fixes. Every other code uses `replace_target`, if its diagnostic has `wanted`."""
