"""The files that a task names, and the files among them that the task should create."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from planmark.formats.checkbox.deliverables import (
    FRAMEWORK_PATTERN,
    HOST_PATTERN,
    PLACEHOLDER_PATTERN,
    may_be_tracked_file,
)
from planmark.text.lazy_pattern import lazy_pattern

_RUN_OF_PATH_CHARACTERS = lazy_pattern(r"[A-Za-z0-9_.@()\[\]+~/-]+")
"""Pattern for a sequence of characters that may be a path. The characters are ASCII, because text in other scripts may
follow without a space.
"""
_FORBIDDEN_BEFORE_PATH = frozenset("\\:$%{}<*")
"""Characters that show, directly before a sequence of path characters, that the sequence is no path."""
_FORBIDDEN_AFTER_PATH = frozenset("*{<$\\")
"""Characters that show, directly after a sequence of path characters, that the sequence is no path."""
_FILE_NAME = lazy_pattern(r"^[A-Za-z0-9_.@()\[\]+~-]*[A-Za-z0-9_)\]-]\.[A-Za-z][A-Za-z0-9]{0,9}$")
_CODE_SPAN = lazy_pattern(r"`([^`\n]+)`")
_NAME_IN_BOLD = lazy_pattern(r"\*\*(init|main|tests?|mocks?|snapshots?)\*\*")
"""A Python or Jest name such as `__init__` that an editor of Markdown has rewritten as bold text."""
_LEADING_LABEL = lazy_pattern(r"^(?:[*_(\[]*[\w ]{1,20}[)\]*_]*\s*[:：]\s*)?[*_]*")
_CREATE_VERB = lazy_pattern(
    r"[\W_]{0,4}(?:(?:create|add|write|implement|generate|build|scaffold|define|develop"
    r"|crear?|crea|añadir|agregar|escribir|implementar|generar|desarrollar|definir|criar?|adicionar|escrever|gerar|desenvolver"
    r"|créer|ajouter|écrire|implémenter|creare|scrivere|erstellen?|schreiben?|implementieren?"
    r"|создать|добавить|написать|реализовать|разработать|определить|сгенерировать|إنشاء)\b"
    r"|创建|新建|添加|新增|编写|实现|建立|撰写|撰寫|實作|實現|編寫|創建|生成|產生|作成|実装)",
    re.IGNORECASE,
)
"""Pattern for a verb at the beginning of a task. The verb says that the task creates the first file that it names."""
_CREATE_VERB_AT_END = lazy_pattern(
    r"(?:を|の|に)?(?:作成|追加|実装|新規作成|生成)(?:する|します|。|$)|(?:を|の|に)(?:作成|追加|実装)|(?:생성|작성|구현)(?:하기|한다|\W|$)"
    r"|^在.{1,200}?[中里裡]?(?:创建|創建|新增|新建|实现|實現|實作|编写|編寫|撰寫)|\s(?:anlegen|erstellen|schreiben)\W*$"
)
"""Pattern for such a verb in languages in which it may stand after the path."""
_CONDITION_PHRASE = lazy_pattern(
    r"\b(?:if|where|as) (?:needed|necessary|required|missing|not present)\b|\bif (?:it )?(?:does not|doesn['’]t) exist"
    r"|\b(?:moved|renamed|merged|folded) (?:in)?to\b|\b(?:replaced|removed|deleted) (?:by|in|later|from)\b",
    re.IGNORECASE,
)
"""Pattern for words that say that the file of a task need not exist now."""
_SOURCE_PHRASE = lazy_pattern(
    r"(?:\b(?:per|from|see|using|via|following|matching|against|like|than|with|based on|according to|defined in|for|of|covering"
    r"|extends|extending|around|replacing|wrapping|described in|specified in|según|desde|siguiendo|ver|conforme|a partir de)"
    r"|参照|按照|根据|根據)\s*[`\"'(]*$",
    re.IGNORECASE,
)
"""Pattern for words directly before a path that the work uses and does not create."""
_CONJUNCTION = lazy_pattern(
    r"^[`\"']?\s*(?:,|&|\+|、|，|\band\b|\by\b|\be\b|\bи\b|\bund\b|\bet\b|和|と|及)\s*(?:and\s+)?[`\"']?$",
    re.IGNORECASE,
)
"""Pattern for the text between two paths of a list."""
_OPENING_BRACKETS = {")": "(", "]": "["}
MAX_SEARCHED_CHARACTERS = 4_000
"""Maximum number of characters of a task in which paths are searched."""
MAX_PATH_LENGTH, MAX_LIST_GAP = 300, 20
"""Maximum number of characters of a path, and maximum number of characters between two paths of a list."""


class MissingFile(NamedTuple):
    """A missing file that a task should have created. `new_path` is the path of a file with the same name, or ""."""

    path: str
    new_path: str


class NamedFile(NamedTuple):
    """A path that a text names, with its columns."""

    start: int
    end: int
    path: str


class NamedPaths(NamedTuple):
    """The first `MAX_SEARCHED_CHARACTERS` characters of a text, and the paths with a slash in them."""

    text: str
    named_files: tuple[NamedFile, ...]


def paths_in(text: str) -> NamedPaths:
    """Return the text, shortened to its maximum length, with the paths that it names."""
    text = text[:MAX_SEARCHED_CHARACTERS]
    if "**" in text:
        text = _NAME_IN_BOLD.sub(r"__\1__", text)
    if "/" not in text:
        return NamedPaths(text, ())
    possible_files = (
        _path_in_run(text, run.start(), run.end()) for run in _RUN_OF_PATH_CHARACTERS.finditer(text) if "/" in run[0]
    )
    return NamedPaths(text, tuple(named_file for named_file in possible_files if named_file))


def _path_in_run(text: str, start: int, end: int) -> NamedFile | None:
    """Return the path in the characters from column `start` to `end` of a text; None if they are no path."""
    if (
        end - start > MAX_PATH_LENGTH
        or text[start - 1 : start] in _FORBIDDEN_BEFORE_PATH
        or text[end : end + 1] in _FORBIDDEN_AFTER_PATH
    ):
        return None
    path = text[start:end].rstrip(".")
    while path and path[-1] in _OPENING_BRACKETS and path.count(path[-1]) > path.count(_OPENING_BRACKETS[path[-1]]):
        path = path[:-1].rstrip(".")
    while path and path[0] in "([" and path.count(path[0]) > path.count(")" if path[0] == "(" else "]"):
        path, start = path[1:], start + 1
    end = start + len(path)
    path = path.removeprefix("./")
    segments = path.split("/")
    if (
        len(segments) < 2
        or not all(segments)
        or ".." in segments
        or path[0] in "@~"
        or PLACEHOLDER_PATTERN.search(path)
    ):
        return None
    if HOST_PATTERN.match(path):
        return None
    return (
        NamedFile(start, end, path) if _FILE_NAME.match(segments[-1]) and not FRAMEWORK_PATTERN.search(path) else None
    )


def named_files_of(named_paths: NamedPaths) -> tuple[str, ...]:
    """Return the files that a text names: paths with a slash, and file names in code spans."""
    if "`" not in named_paths.text:
        return tuple(dict.fromkeys(named_file.path for named_file in named_paths.named_files))
    paths_by_start = {named_file.start: named_file.path for named_file in named_paths.named_files}
    for match in _CODE_SPAN.finditer(named_paths.text):
        if "/" not in match[1] and len(match[1]) <= MAX_PATH_LENGTH and _FILE_NAME.match(match[1]):
            paths_by_start[match.start(1)] = match[1]
    return tuple(
        dict.fromkeys(
            paths_by_start[start]
            for start in sorted(paths_by_start)
            if not FRAMEWORK_PATTERN.search(paths_by_start[start])
        )
    )


def files_to_create(named_paths: NamedPaths) -> tuple[str, ...]:
    """Return the files that a task should create: the first file that it names, and the files listed directly after."""
    if not named_paths.named_files or not _creates_file(named_paths.text) or _CONDITION_PHRASE.search(named_paths.text):
        return ()
    created_paths: list[str] = []
    previous_end = 0
    for start, end, path in named_paths.named_files:
        if created_paths and (
            start - previous_end > MAX_LIST_GAP or not _CONJUNCTION.match(named_paths.text[previous_end:start])
        ):
            break
        if not created_paths and _SOURCE_PHRASE.search(named_paths.text[max(0, start - 30) : start]):
            continue
        created_paths.append(path)
        previous_end = end
    return tuple(path for path in dict.fromkeys(created_paths) if may_be_tracked_file(path))


def _creates_file(text: str) -> bool:
    """Tell whether the text of a task has a verb, at its beginning or its end, that says to create a file."""
    label_match = _LEADING_LABEL.match(text)
    return bool(
        _CREATE_VERB.match(text, label_match.end() if label_match else 0)
        or _CREATE_VERB.match(text)
        or _CREATE_VERB_AT_END.search(text)
    )


def missing_files(
    created_paths: Sequence[str],
    roots: Sequence[str],
    exists: Callable[[str], bool],
    is_ignored: Callable[[str], bool],
    paths_named: Callable[[str], Sequence[str]],
) -> tuple[MissingFile, ...]:
    """Return the files in `created_paths` that do not exist below any of `roots`. Each root is "" or ends with a slash.

    `paths_named` takes a file name and returns the paths of all files with this name. An ignored file counts as
    existing.
    """
    result = []
    for path in created_paths:
        if any(exists(root + path) or is_ignored(root + path) for root in roots):
            continue
        same_name_paths = paths_named(path.rpartition("/")[2])
        result.append(
            MissingFile(path, max(same_name_paths, key=lambda other_path: _similarity(path, other_path), default=""))
        )
    return tuple(result)


def _similarity(path: str, other_path: str) -> tuple[int, int]:
    """Return two numbers: the parts that both paths contain, and the equal parts at the end of both paths. A part is a
    folder or the file name.
    """
    path_parts, other_parts = path.split("/"), other_path.split("/")
    equal_end_count = next(
        (
            index
            for index, pair in enumerate(zip(path_parts[::-1], other_parts[::-1], strict=False))
            if pair[0] != pair[1]
        ),
        len(path_parts),
    )
    return len(set(path_parts).intersection(other_parts)), equal_end_count
