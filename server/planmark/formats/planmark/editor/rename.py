"""Renames of a feature, an achievement id or a document, including file names and mentions."""

from __future__ import annotations

import bisect
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN, parse_name
from planmark.formats.planmark.documents.ids import ID_PATTERN, decode, long_number, number_for
from planmark.formats.planmark.documents.vocabulary import is_field
from planmark.formats.planmark.editor.navigation import documents_naming, mentions_of_target, naming_documents
from planmark.formats.planmark.editor.references import Mention, mention_at, mentions, target_of
from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import AchievementTarget, RenameRefusedError, RenameTarget
from planmark.queries.workspace_view import View
from planmark.storage.paths import join, parent
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.snapshot import PlanDocuments
from planmark.workspace.workspace_edits import Change, RenamePath, TextChange, in_order


def prepare(page: EditorDocument, line: int, column: int) -> RenameTarget | None:
    """Return the name to rename at a position: the id of an achievement, the name of a document, or a feature."""
    mention = mention_at(page, line, column)
    if mention is None or target_of(page, mention) is None:
        return None
    current = mention.value.removesuffix(".md")
    return RenameTarget(mention.name, current)


def rename(page: EditorDocument, line: int, column: int, new: str) -> list[Change]:
    """Return the ordered changes that rename the target at a position. Raises RenameRefusedError."""
    mention = mention_at(page, line, column)
    target = target_of(page, mention) if mention else None
    if mention is None or target is None:
        raise RenameRefusedError("nothing here can be renamed: put the cursor on an id, a document name or @FEATURE")
    if isinstance(target, AchievementTarget):
        return rename_achievement(page.view, target, new.strip())
    if mention.kind == "feature":
        files = page.view.plan_of(target.path)
        assert files is not None
        return rename_feature(page.view, files, new.strip().removeprefix("@"))
    return rename_document(page.view, target.path, new.strip())


def rename_feature(view: View, plan: PlanDocuments, new: str) -> list[Change]:
    """Return the changes that rename a feature: in its documents, its folder, and every mention.

    Raises RenameRefusedError.
    """
    old = plan.feature
    if not re.fullmatch(FEATURE_PATTERN, new):
        raise RenameRefusedError(f"`{new}` is not a feature name: use capitals, digits and hyphens, as in NEW-CHECKOUT")
    if new == old:
        return []
    if other := next((work_plan for work_plan in view.snapshot.plans if work_plan.feature == new), None):
        raise RenameRefusedError(f"{new} exists already: {other.path}")
    if twin := next(
        (work_plan for work_plan in view.snapshot.plans if work_plan.feature == old and work_plan is not plan), None
    ):
        raise RenameRefusedError(f"two plans are called {old}, so the name is ambiguous: {plan.path} and {twin.path}")
    new_paths = {
        path: join(parent(path), path.rpartition("/")[2].replace(f"_{old}", f"_{new}", 1))
        for path in view.snapshot.paths
        if (name := parse_name(path.rpartition("/")[2])) and name.feature == old
    }
    folder = plan.folder if plan.folder.rpartition("/")[2] == old else ""
    renamed_folder = join(parent(folder), new) if folder else ""
    _refuse_taken(view, [*new_paths.values(), *([renamed_folder] if folder else [])])
    changes: list[Change] = []
    # A mention may contain the feature only as a folder: `PAY/execution/feedbacks/APPROVED_11.md`.
    inside = {path.rpartition("/")[2] for path in view.snapshot.paths if old in path.split("/")[:-1]}
    may_name = naming_documents({f"@{old}", *inside})
    for page in documents_naming(view, lambda path, words: may_name(path, words) or view.plan_of(path) is plan):
        if old in page.text:
            changes += _feature_changes(page, plan, old, new, folder, renamed_folder)
    changes += [RenamePath(path, target) for path, target in new_paths.items()]
    return in_order([*changes, *([RenamePath(folder, renamed_folder)] if folder else [])])


def rename_achievement(view: View, target: AchievementTarget, new: str) -> list[Change]:
    """Return the changes that give an achievement a new id: in its lines, mentions, file names and verdicts.

    Raises RenameRefusedError.
    """
    files, old = target.plan, target.state.id
    ids = files.facts.ids
    if not re.fullmatch(ID_PATTERN, new):
        raise RenameRefusedError(f"`{new}` is not an achievement id: use two or three numbers with dots, as in 2.1")
    if new == old:
        return []
    if new in ids:
        raise RenameRefusedError(f"{files.feature} has a {new} already: choose a different id, or merge them by hand")
    new_ids = tuple(new if achievement_id == old else achievement_id for achievement_id in ids)
    new_paths: dict[str, str] = {}
    for document in (*files.subplans, *files.executions, *files.verdicts):
        number = document.name.number
        if decode(number, ids) == (old,):
            file_name = document.path.rpartition("/")[2]
            new_path = _number_like(number, new, new_ids)
            new_paths[document.path] = join(parent(document.path), file_name.replace(f"_{number}", f"_{new_path}", 1))
        elif new in decode(number, new_ids):
            raise RenameRefusedError(
                f"{document.path} would belong to {new} or to no achievement: its number {number} also stands for {new}"
            )
    _refuse_taken(view, new_paths.values())
    changes: list[Change] = [
        TextChange(path, mention.name.line, mention.name.start, mention.name.end, new)
        for path, mention in mentions_of_target(view, target)
    ]
    changes += _name_changes(view, new_paths)
    return in_order([*changes, *(RenamePath(path, new_path) for path, new_path in new_paths.items())])


def rename_document(view: View, path: str, new: str) -> list[Change]:
    """Return the changes that rename a document, with every mention; for a PLAN, the changes that rename its feature.

    Raises RenameRefusedError.
    """
    file_name = new if new.endswith(".md") else f"{new}.md"
    old_name, name = parse_name(path.rpartition("/")[2]), parse_name(file_name)
    if "/" in new or name is None or old_name is None or name.kind != old_name.kind:
        kind = old_name.kind.replace("_", " ") if old_name else "document"
        raise RenameRefusedError(f"`{new}` is not a name of a {kind}; an example is {path.rpartition('/')[2]}")
    if name == old_name:
        return []
    if name.kind == "plan":
        files = view.plan_of(path)
        if files is None:
            raise RenameRefusedError(f"{path} is not a plan: see its diagnostics")
        return rename_feature(view, files, name.feature)
    new_paths = {path: join(parent(path), file_name)}
    _refuse_taken(view, new_paths.values())
    return in_order(
        [*_name_changes(view, new_paths), *(RenamePath(old, new_path) for old, new_path in new_paths.items())]
    )


def follow_renames(view: View, renames: Iterable[tuple[str, str]]) -> list[Change]:
    """Return the changes that follow from renamed files or folders, without the renames themselves.

    Raises RenameRefusedError.
    """
    new_paths: dict[str, str] = {}
    changes: list[Change] = []
    for old, new in renames:
        inside = [path for path in view.snapshot.paths if path == old or path.startswith(f"{old}/")]
        new_paths.update({path: new + path[len(old) :] for path in inside})
        before, after = parse_name(old.rpartition("/")[2]), parse_name(new.rpartition("/")[2])
        plan = view.plan_of(old)
        renamed_plan = before and after and before.kind == after.kind == "plan" and before.feature != after.feature
        if renamed_plan and after and plan and plan.path == old:
            renamings = rename_feature(view, plan, after.feature)
            changes += [
                change
                for change in renamings
                if not (isinstance(change, RenamePath) and change.old in (old, plan.folder))
            ]
            new_paths.pop(old, None)
    return in_order([*changes, *_name_changes(view, new_paths), *_odd_name_changes(view, new_paths)])


def _odd_name_changes(view: View, new_paths: Mapping[str, str]) -> Iterator[TextChange]:
    """Yield changes to the mentions of renamed files whose old names are outside the grammar.

    The index does not contain such mentions, so every text is searched. Mentions of a name that several files have stay
    unchanged.
    """
    odd = {path.rpartition("/")[2]: path for path in new_paths if parse_name(path.rpartition("/")[2]) is None}
    odd = {name: path for name, path in odd.items() if len(view.snapshot.names.get(name, ())) < 2}
    patterns = [(path, _written_name(name)) for name, path in odd.items()]
    for page_path in view.snapshot.paths if patterns else ():
        page = EditorDocument(view, page_path)
        for path, pattern in patterns:
            for match in pattern.finditer(page.text):
                yield from _changes_of_unusual_path(
                    page, match, path, new_paths[path], new_paths.get(page_path, page_path)
                )


def _changes_of_unusual_path(
    page: EditorDocument, match: re.Match[str], old: str, new: str, page_path: str
) -> Iterator[TextChange]:
    start, end = page.lines.position(match.start("name")), page.lines.position(match.end())
    name = new.rpartition("/")[2]
    new_name = name if match["extension"] else name.removesuffix(".md")
    yield TextChange(
        page.path, start.line, start.column, end.column, new_name.replace("_", "\\_") if "\\_" in match[0] else new_name
    )
    if match["folder"] and parent(old) != parent(new):
        folder = _folder_like(match["folder"], parent(old), parent(new), parent(page_path))
        yield TextChange(page.path, start.line, start.column - len(match["folder"]), start.column, folder)


def _written_name(file_name: str) -> re.Pattern[str]:
    """Return a pattern for a file name in a text, with optional folders, escaped underscores, and blanks as in links.

    The extension is optional only for a name that is unlikely to occur in a sentence.
    """
    stem, _, extension = file_name.rpartition(".")
    name_pattern = re.escape(stem).replace("_", r"\\?_").replace(r"\ ", r"(?: |%20)")
    is_distinct = any(mark in stem for mark in "_-") and any(character.isdigit() for character in stem)
    optional = "?" if is_distinct else ""
    return re.compile(
        rf"(?<![\w.-])(?P<folder>(?:[\w.~-]{{1,255}}/)*)(?P<name>{name_pattern})"
        rf"(?P<extension>\.{re.escape(extension)}){optional}(?![\w-]|\.\w)"
    )


def _refuse_taken(view: View, paths: Iterable[str]) -> None:
    known = view.snapshot.paths
    for path in paths:
        bounds = (bisect.bisect_left(known, path), bisect.bisect_left(known, f"{path}/"))
        near = (known[position] for position in bounds if position < len(known))
        if occupied_path := next((other for other in near if other == path or other.startswith(f"{path}/")), None):
            raise RenameRefusedError(f"{occupied_path} exists already: rename or archive it first")


def _number_like(number: str, new: str, ids: tuple[str, ...]) -> str:
    """Return the number of the new id.

    The number has the long form if the old number has it, or if the short form would be ambiguous.
    """
    short = number_for(new, ids)
    return long_number(new) if "_" in number or decode(short, ids) != (new,) else short


def _name_changes(view: View, new_paths: Mapping[str, str]) -> Iterator[TextChange]:
    """Yield changes to the mentions of moved documents: to the name, and to the folder if the mention has one."""
    for page in documents_naming(view, naming_documents({path.rpartition("/")[2] for path in new_paths})):
        for mention in mentions(page):
            target = target_of(page, mention) if mention.kind == "document" else None
            if target is not None and not isinstance(target, AchievementTarget) and target.path in new_paths:
                yield from _changes_of_moved_path(
                    page, mention, target.path, new_paths[target.path], new_paths.get(page.path, page.path)
                )


def _changes_of_moved_path(
    page: EditorDocument, mention: Mention, old: str, new: str, page_path: str
) -> Iterator[TextChange]:
    name = new.rpartition("/")[2].removesuffix(".md")
    if name != mention.value.removesuffix(".md"):
        yield _change_of_name(page, mention, name)
    if mention.folder and parent(old) != parent(new):
        folder = _folder_like(mention.folder, parent(old), parent(new), parent(page_path))
        start = mention.name.start - len(mention.folder)
        yield TextChange(page.path, mention.name.line, start, mention.name.start, folder)


def _folder_like(folder_text: str, old: str, new: str, page_folder: str) -> str:
    """Return the new folder in the form of the old one: relative to the page, from the root, or only its last parts."""
    if folder_text.startswith("."):
        return f"{posixpath.relpath(new or '.', page_folder or '.')}/"
    bare_text = folder_text.strip("/")
    lead = "/" if folder_text.startswith("/") else ""
    if bare_text == old:
        return f"{lead}{new}/" if new else lead
    parts = new.split("/")[-len(bare_text.split("/")) :]
    return f"{lead}{'/'.join(parts)}/"


def _change_of_name(page: EditorDocument, mention: Mention, new: str) -> TextChange:
    """Return the change of a mention to a new name, with escaped underscores if the old name has them."""
    mention_text = page.line(mention.name.line)[mention.name.start : mention.name.end]
    text = new.replace("_", "\\_") if "\\_" in mention_text else new
    return TextChange(page.path, mention.name.line, mention.name.start, mention.name.end, text)


def _feature_changes(
    page: EditorDocument, plan: PlanDocuments, old: str, new: str, folder: str, renamed_folder: str
) -> Iterator[TextChange]:
    covered_spans = []
    for mention in mentions(page):
        if mention.kind == "feature" and mention.value == old:
            yield TextChange(page.path, mention.name.line, mention.name.start, mention.name.end, new)
        elif mention.kind == "document":
            name = parse_name(mention.value)
            if name and name.feature == old:
                yield _change_of_name(page, mention, mention.value.removesuffix(".md").replace(f"_{old}", f"_{new}", 1))
            if folder and old in mention.folder.split("/") and target_of(page, mention) is not None:
                position = mention.folder.split("/").index(old)
                start = (
                    mention.name.start
                    - len(mention.folder)
                    + sum(len(p) + 1 for p in mention.folder.split("/")[:position])
                )
                yield TextChange(
                    page.path, mention.name.line, start, start + len(old), renamed_folder.rpartition("/")[2]
                )
        else:
            continue
        covered_spans.append(mention.span)
    if page.plan is plan:
        yield from _bare_names(page, old, new, covered_spans)


def _bare_names(page: EditorDocument, old: str, new: str, covered_spans: list[LineSpan]) -> Iterator[TextChange]:
    """Yield changes of the feature in the title and the Plan field of a document that belongs to its plan."""
    vocabulary = vocabulary_of(page.view.snapshot.settings)
    title = next((n for n in range(len(page.lines)) if page.line(n).lstrip().startswith("# ")), -1)
    spans = [page.whole_line(title)] if title >= 0 else []
    for number in range(min(len(page.lines), 40)):
        spans += [
            placed_field.value
            for placed_field in page.fields_on(number)
            if is_field(placed_field.field.name, "plan", vocabulary)
        ]
    pattern = re.compile(rf"(?<![\w/-]){re.escape(old)}(?![\w-])")
    for span in spans:
        for match in pattern.finditer(page.line(span.line), span.start, span.end):
            inside = any(c.line == span.line and c.start <= match.start() < c.end for c in covered_spans)
            if not inside:
                yield TextChange(page.path, span.line, match.start(), match.end(), new)
