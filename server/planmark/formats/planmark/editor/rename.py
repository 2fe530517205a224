"""Renames of a feature, an achievement id or a document, including file names and mentions."""

from __future__ import annotations

import bisect
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN, parse_name
from planmark.formats.planmark.documents.ids import ID_PATTERN, ids_meant_by_number, long_number, number_for
from planmark.formats.planmark.documents.vocabulary import is_field
from planmark.formats.planmark.editor.navigation import documents_that_may_name, may_name_any, mentions_of_target
from planmark.formats.planmark.editor.references import Mention, mention_at, mentions, target_of
from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import AchievementTarget, RenameRefusedError, RenameTarget
from planmark.queries.workspace_view import View
from planmark.storage.paths import join, parent
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.snapshot import PlanDocuments
from planmark.workspace.workspace_edits import Change, RenamePath, TextChange, in_order


def rename_target_at(document: EditorDocument, line: int, column: int) -> RenameTarget | None:
    """Return the name at a position that can be renamed; None if there is no such name.

    The name is the id of an achievement, the name of a document, or a feature.
    """
    mention = mention_at(document, line, column)
    if mention is None or target_of(document, mention) is None:
        return None
    current_name = mention.value.removesuffix(".md")
    return RenameTarget(mention.name, current_name)


def rename(document: EditorDocument, line: int, column: int, new_name: str) -> list[Change]:
    """Return the changes that give the achievement, the document or the feature at a position the name `new_name`.

    The changes are in the order in which they must be made. Raises RenameRefusedError if the renaming is not possible.
    """
    mention = mention_at(document, line, column)
    target = target_of(document, mention) if mention else None
    if mention is None or target is None:
        raise RenameRefusedError("nothing here can be renamed: put the cursor on an id, a document name or @FEATURE")
    if isinstance(target, AchievementTarget):
        return rename_achievement(document.view, target, new_name.strip())
    if mention.kind == "feature":
        plan = document.view.plan_of(target.path)
        assert plan is not None
        return rename_feature(document.view, plan, new_name.strip().removeprefix("@"))
    return rename_document(document.view, target.path, new_name.strip())


def rename_feature(view: View, plan: PlanDocuments, new_feature: str) -> list[Change]:
    """Return the changes that rename the feature of `plan`: in file names, in the plan's folder, and in every mention.

    Raises RenameRefusedError if the plan cannot get the name `new_feature`.
    """
    old_feature = plan.feature
    if not re.fullmatch(FEATURE_PATTERN, new_feature):
        raise RenameRefusedError(
            f"`{new_feature}` is not a feature name: use capitals, digits and hyphens, as in NEW-CHECKOUT"
        )
    if new_feature == old_feature:
        return []
    if existing_plan := next(
        (work_plan for work_plan in view.snapshot.plans if work_plan.feature == new_feature), None
    ):
        raise RenameRefusedError(f"{new_feature} exists already: {existing_plan.path}")
    if plan_with_same_name := next(
        (work_plan for work_plan in view.snapshot.plans if work_plan.feature == old_feature and work_plan is not plan),
        None,
    ):
        raise RenameRefusedError(
            f"two plans are called {old_feature}, so the name is ambiguous: {plan.path} and {plan_with_same_name.path}"
        )
    new_paths = {
        path: join(parent(path), path.rpartition("/")[2].replace(f"_{old_feature}", f"_{new_feature}", 1))
        for path in view.snapshot.paths
        if (name := parse_name(path.rpartition("/")[2])) and name.feature == old_feature
    }
    folder = plan.folder if plan.folder.rpartition("/")[2] == old_feature else ""
    new_folder = join(parent(folder), new_feature) if folder else ""
    _refuse_existing_paths(view, [*new_paths.values(), *([new_folder] if folder else [])])
    changes: list[Change] = []
    # A mention may contain the feature only as a folder: `PAY/execution/feedbacks/APPROVED_11.md`.
    names_in_folders = {path.rpartition("/")[2] for path in view.snapshot.paths if old_feature in path.split("/")[:-1]}
    may_name = may_name_any({f"@{old_feature}", *names_in_folders})
    for document in documents_that_may_name(
        view, lambda path, words: may_name(path, words) or view.plan_of(path) is plan
    ):
        if old_feature in document.text:
            changes += _feature_changes(document, plan, old_feature, new_feature, folder, new_folder)
    changes += [RenamePath(path, target) for path, target in new_paths.items()]
    return in_order([*changes, *([RenamePath(folder, new_folder)] if folder else [])])


def rename_achievement(view: View, target: AchievementTarget, new_id: str) -> list[Change]:
    """Return the changes that give an achievement a new id: in every mention, and in the names of files about it.

    Raises RenameRefusedError if the achievement cannot get the id `new_id`.
    """
    plan, old_id = target.plan, target.state.id
    ids = plan.facts.ids
    if not re.fullmatch(ID_PATTERN, new_id):
        raise RenameRefusedError(f"`{new_id}` is not an achievement id: use two or three numbers with dots, as in 2.1")
    if new_id == old_id:
        return []
    if new_id in ids:
        raise RenameRefusedError(f"{plan.feature} has a {new_id} already: choose a different id, or merge them by hand")
    new_ids = tuple(new_id if achievement_id == old_id else achievement_id for achievement_id in ids)
    new_paths: dict[str, str] = {}
    for document in (*plan.subplans, *plan.executions, *plan.verdicts):
        number = document.name.number
        if ids_meant_by_number(number, ids) == (old_id,):
            file_name = document.path.rpartition("/")[2]
            new_number = _new_number(number, new_id, new_ids)
            new_paths[document.path] = join(parent(document.path), file_name.replace(f"_{number}", f"_{new_number}", 1))
        elif new_id in ids_meant_by_number(number, new_ids):
            raise RenameRefusedError(
                f"{document.path} would belong to {new_id} or to no achievement: its number {number} also stands for {new_id}"
            )
    _refuse_existing_paths(view, new_paths.values())
    changes: list[Change] = [
        TextChange(path, mention.name.line, mention.name.start, mention.name.end, new_id)
        for path, mention in mentions_of_target(view, target)
    ]
    changes += _name_changes(view, new_paths)
    return in_order([*changes, *(RenamePath(path, new_path) for path, new_path in new_paths.items())])


def rename_document(view: View, path: str, new_name: str) -> list[Change]:
    """Return the changes that rename a document and every mention of the document.

    If the document is a PLAN, return the changes that rename the feature of the plan. Raises RenameRefusedError if the
    document cannot get the name `new_name`.
    """
    file_name = new_name if new_name.endswith(".md") else f"{new_name}.md"
    old_name, name = parse_name(path.rpartition("/")[2]), parse_name(file_name)
    if "/" in new_name or name is None or old_name is None or name.kind != old_name.kind:
        kind = old_name.kind.replace("_", " ") if old_name else "document"
        raise RenameRefusedError(f"`{new_name}` is not a name of a {kind}; an example is {path.rpartition('/')[2]}")
    if name == old_name:
        return []
    if name.kind == "plan":
        plan = view.plan_of(path)
        if plan is None:
            raise RenameRefusedError(f"{path} is not a plan: see its diagnostics")
        return rename_feature(view, plan, name.feature)
    new_paths = {path: join(parent(path), file_name)}
    _refuse_existing_paths(view, new_paths.values())
    return in_order(
        [*_name_changes(view, new_paths), *(RenamePath(old_path, new_path) for old_path, new_path in new_paths.items())]
    )


def follow_renames(view: View, renames: Iterable[tuple[str, str]]) -> list[Change]:
    """Return the changes that become necessary when files or folders are renamed.

    `renames` holds a pair (old path, new path) for each renamed file or folder. The changes do not contain these
    renames. Raises RenameRefusedError if a feature cannot get its new name.
    """
    new_paths: dict[str, str] = {}
    changes: list[Change] = []
    for old_path, new_path in renames:
        moved_paths = [path for path in view.snapshot.paths if path == old_path or path.startswith(f"{old_path}/")]
        new_paths.update({path: new_path + path[len(old_path) :] for path in moved_paths})
        old_name, new_name = parse_name(old_path.rpartition("/")[2]), parse_name(new_path.rpartition("/")[2])
        plan = view.plan_of(old_path)
        is_plan_renamed = (
            old_name and new_name and old_name.kind == new_name.kind == "plan" and old_name.feature != new_name.feature
        )
        if is_plan_renamed and new_name and plan and plan.path == old_path:
            renamings = rename_feature(view, plan, new_name.feature)
            changes += [
                change
                for change in renamings
                if not (isinstance(change, RenamePath) and change.old in (old_path, plan.folder))
            ]
            new_paths.pop(old_path, None)
    return in_order([*changes, *_name_changes(view, new_paths), *_unusual_name_changes(view, new_paths)])


def _unusual_name_changes(view: View, new_paths: Mapping[str, str]) -> Iterator[TextChange]:
    """Yield changes to the mentions of renamed files whose old names are not names of work documents.

    The index does not contain mentions of these files, so every text is searched. `new_paths` is a mapping from old paths
    to new paths. If several files share a name, mentions of this name stay unchanged.
    """
    paths_by_unusual_name = {
        path.rpartition("/")[2]: path for path in new_paths if parse_name(path.rpartition("/")[2]) is None
    }
    paths_by_unusual_name = {
        name: path for name, path in paths_by_unusual_name.items() if len(view.snapshot.names.get(name, ())) < 2
    }
    patterns = [(path, _mention_pattern(name)) for name, path in paths_by_unusual_name.items()]
    for document_path in view.snapshot.paths if patterns else ():
        document = EditorDocument(view, document_path)
        for path, pattern in patterns:
            for match in pattern.finditer(document.text):
                yield from _changes_of_unusual_path(
                    document, match, path, new_paths[path], new_paths.get(document_path, document_path)
                )


def _changes_of_unusual_path(
    document: EditorDocument, match: re.Match[str], old_path: str, new_path: str, new_document_path: str
) -> Iterator[TextChange]:
    """Yield the changes to one mention of a moved file: to the file name, and to a folder before the file name.

    `match` is a match of `_mention_pattern`. `new_document_path` is the path of `document` after all moves.
    """
    start, end = document.lines.position(match.start("name")), document.lines.position(match.end())
    name = new_path.rpartition("/")[2]
    new_name = name if match["extension"] else name.removesuffix(".md")
    yield TextChange(
        document.path,
        start.line,
        start.column,
        end.column,
        new_name.replace("_", "\\_") if "\\_" in match[0] else new_name,
    )
    if match["folder"] and parent(old_path) != parent(new_path):
        folder = _folder_in_same_form(match["folder"], parent(old_path), parent(new_path), parent(new_document_path))
        yield TextChange(document.path, start.line, start.column - len(match["folder"]), start.column, folder)


def _mention_pattern(file_name: str) -> re.Pattern[str]:
    """Return a pattern that finds the mentions of a file name in a text.

    Folders may precede the name. An underscore may have a backslash before it, and a blank may be written as `%20`. The
    extension is optional only if the name contains digits and `_` or `-`: such a name is unlikely to be a usual word.
    """
    stem, _, extension = file_name.rpartition(".")
    name_pattern = re.escape(stem).replace("_", r"\\?_").replace(r"\ ", r"(?: |%20)")
    is_distinctive = any(mark in stem for mark in "_-") and any(character.isdigit() for character in stem)
    optional_mark = "?" if is_distinctive else ""
    return re.compile(
        rf"(?<![\w.-])(?P<folder>(?:[\w.~-]{{1,255}}/)*)(?P<name>{name_pattern})"
        rf"(?P<extension>\.{re.escape(extension)}){optional_mark}(?![\w-]|\.\w)"
    )


def _refuse_existing_paths(view: View, paths: Iterable[str]) -> None:
    """Raise RenameRefusedError if one of the paths exists in the workspace, as a file or as a folder."""
    existing_paths = view.snapshot.paths
    for path in paths:
        indexes = (bisect.bisect_left(existing_paths, path), bisect.bisect_left(existing_paths, f"{path}/"))
        neighbouring_paths = (existing_paths[index] for index in indexes if index < len(existing_paths))
        if occupied_path := next(
            (other for other in neighbouring_paths if other == path or other.startswith(f"{path}/")), None
        ):
            raise RenameRefusedError(f"{occupied_path} exists already: rename or archive it first")


def _new_number(old_number: str, new_id: str, ids: tuple[str, ...]) -> str:
    """Return the number that stands for `new_id` in a file name; `ids` are the ids of the plan after the rename.

    The number has the long form `01_02` if the old number has this form, or if the short form would be ambiguous.
    """
    short_number = number_for(new_id, ids)
    return (
        long_number(new_id)
        if "_" in old_number or ids_meant_by_number(short_number, ids) != (new_id,)
        else short_number
    )


def _name_changes(view: View, new_paths: Mapping[str, str]) -> Iterator[TextChange]:
    """Yield changes to the mentions of moved documents: to the file name, and to a folder before the file name.

    `new_paths` is a mapping from old paths to new paths.
    """
    for document in documents_that_may_name(view, may_name_any({path.rpartition("/")[2] for path in new_paths})):
        for mention in mentions(document):
            target = target_of(document, mention) if mention.kind == "document" else None
            if target is not None and not isinstance(target, AchievementTarget) and target.path in new_paths:
                yield from _changes_of_moved_path(
                    document, mention, target.path, new_paths[target.path], new_paths.get(document.path, document.path)
                )


def _changes_of_moved_path(
    document: EditorDocument, mention: Mention, old_path: str, new_path: str, new_document_path: str
) -> Iterator[TextChange]:
    """Yield the changes to one mention of a moved document: to the file name, and to a folder before the file name.

    `new_document_path` is the path of `document` after all moves.
    """
    name = new_path.rpartition("/")[2].removesuffix(".md")
    if name != mention.value.removesuffix(".md"):
        yield _change_of_name(document, mention, name)
    if mention.folder and parent(old_path) != parent(new_path):
        folder = _folder_in_same_form(mention.folder, parent(old_path), parent(new_path), parent(new_document_path))
        start = mention.name.start - len(mention.folder)
        yield TextChange(document.path, mention.name.line, start, mention.name.start, folder)


def _folder_in_same_form(folder_text: str, old_folder: str, new_folder: str, document_folder: str) -> str:
    """Return `new_folder`, the new folder of a moved file, written in the same form as `folder_text`.

    `folder_text` is the folder before a mention of the file. It is relative to the folder of the document, or begins at
    the root, or consists of only the last folders of the path.
    """
    if folder_text.startswith("."):
        return f"{posixpath.relpath(new_folder or '.', document_folder or '.')}/"
    bare_text = folder_text.strip("/")
    leading_slash = "/" if folder_text.startswith("/") else ""
    if bare_text == old_folder:
        return f"{leading_slash}{new_folder}/" if new_folder else leading_slash
    parts = new_folder.split("/")[-len(bare_text.split("/")) :]
    return f"{leading_slash}{'/'.join(parts)}/"


def _change_of_name(document: EditorDocument, mention: Mention, new_name: str) -> TextChange:
    """Return the change that replaces the name in `mention` with `new_name`.

    If the underscores of the old name are escaped, the underscores of the new name are escaped, too.
    """
    mention_text = document.line(mention.name.line)[mention.name.start : mention.name.end]
    text = new_name.replace("_", "\\_") if "\\_" in mention_text else new_name
    return TextChange(document.path, mention.name.line, mention.name.start, mention.name.end, text)


def _feature_changes(
    document: EditorDocument, plan: PlanDocuments, old_feature: str, new_feature: str, folder: str, new_folder: str
) -> Iterator[TextChange]:
    """Yield the changes to the text of `document` that rename a feature and the folder of the plan in paths.

    `folder` is the folder of the plan, or "" if the folder does not have the name of the feature.
    """
    covered_spans = []
    for mention in mentions(document):
        if mention.kind == "feature" and mention.value == old_feature:
            yield TextChange(document.path, mention.name.line, mention.name.start, mention.name.end, new_feature)
        elif mention.kind == "document":
            name = parse_name(mention.value)
            if name and name.feature == old_feature:
                yield _change_of_name(
                    document,
                    mention,
                    mention.value.removesuffix(".md").replace(f"_{old_feature}", f"_{new_feature}", 1),
                )
            if folder and old_feature in mention.folder.split("/") and target_of(document, mention) is not None:
                part_index = mention.folder.split("/").index(old_feature)
                start = (
                    mention.name.start
                    - len(mention.folder)
                    + sum(len(p) + 1 for p in mention.folder.split("/")[:part_index])
                )
                yield TextChange(
                    document.path, mention.name.line, start, start + len(old_feature), new_folder.rpartition("/")[2]
                )
        else:
            continue
        covered_spans.append(mention.span)
    if document.plan is plan:
        yield from _bare_name_changes(document, old_feature, new_feature, covered_spans)


def _bare_name_changes(
    document: EditorDocument, old_feature: str, new_feature: str, covered_spans: list[LineSpan]
) -> Iterator[TextChange]:
    """Yield changes to the feature name without `@` in the title and in the Plan field of `document`.

    The document belongs to the plan that gets a new feature. `covered_spans` are the spans of mentions that are changed
    already.
    """
    vocabulary = vocabulary_of(document.view.snapshot.settings)
    title_line = next(
        (number for number in range(len(document.lines)) if document.line(number).lstrip().startswith("# ")), -1
    )
    searched_spans = [document.span_of_line_text(title_line)] if title_line >= 0 else []
    for number in range(min(len(document.lines), 40)):
        searched_spans += [
            placed_field.value
            for placed_field in document.fields_on(number)
            if is_field(placed_field.field.name, "plan", vocabulary)
        ]
    pattern = re.compile(rf"(?<![\w/-]){re.escape(old_feature)}(?![\w-])")
    for searched_span in searched_spans:
        for match in pattern.finditer(document.line(searched_span.line), searched_span.start, searched_span.end):
            is_covered = any(c.line == searched_span.line and c.start <= match.start() < c.end for c in covered_spans)
            if not is_covered:
                yield TextChange(document.path, searched_span.line, match.start(), match.end(), new_feature)
