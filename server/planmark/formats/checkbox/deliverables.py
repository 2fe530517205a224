"""The files that a task should create, and the files among them that do not exist."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from planmark.formats.checkbox.tasks import Task
from planmark.plans.model import Built
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.shorten import shorten

PATH_PATTERN = lazy_pattern(
    r"`(?P<quoted>(?:\.{1,2}/)?[\w.@()\[\]~+-]{1,80}(?:/[\w.@()\[\]~+-]{1,80}){1,20}\.[A-Za-z][A-Za-z0-9]{0,9})`"
    r"|(?<![A-Za-z0-9_./:@`~-])(?P<bare>(?:\./)?[A-Za-z0-9_.@-]{1,80}(?:/[A-Za-z0-9_.@\[\]-]{1,80}){1,20}"
    r"\.[A-Za-z][A-Za-z0-9]{0,9})(?![A-Za-z0-9_/`(*{<$])"
)
"""Pattern for a path with a folder and an extension, in backticks (group `quoted`) or bare (group `bare`).

A character of another script, such as a Chinese character, may directly follow a bare path.
"""
_LEADING_LABEL = r"(?:[*_(\[【]{0,3}[\w ]{1,20}[)\]】*_]{0,3}\s*[:：]\s*|\[[\w /-]{1,20}\]\s*)?[\W_]{0,4}"
"""A label before the first verb of a title, such as `**Backend**:` or `[US1]`."""
_CREATING_PHRASE = lazy_pattern(
    rf"^[\W_]{{0,4}}?{_LEADING_LABEL}(?:(?P<adds>add|agregar|añadir|adicionar|ajouter|aggiungere|добавить|hinzufügen)"
    r"|(?:re)?creat(?:e|es|ed)|new|scaffold|write|implement|generate|define|develop|build|introduce|set ?up|"
    r"crear|crea|escribir|implementar|generar|definir|criar|crie|escrever|gerar|créer|écrire|implémenter|"
    r"erstelle|erstellen|schreibe|implementiere|neue|creare|crea|scrivere|implementare|generare|"
    r"создать|написать|реализовать|сгенерировать|إنشاء|أنشئ|كتابة)\b"
    rf"|^[\W_]{{0,4}}?{_LEADING_LABEL}(?:创建|新建|新增|建立|編寫|编写|撰写|撰寫|添加|实现|实作|創建|實作|實現|生成|作成|新規作成|実装|追加|생성|작성|구현)",
    re.IGNORECASE,
)
"""Pattern for a title that begins with a verb of creation.

The group `adds` is a verb such as “add”, after which a file may also be changed.
"""
_WRITE_VERB_BEFORE_PATH = lazy_pattern(r"^\W*(?:write|save|export|generate)\b.{0,120}?\bto\s*$", re.IGNORECASE)
_CREATE_VERB_AFTER_PATH = lazy_pattern(
    r"\s*(?:file\s+|文件|檔案|中|里|內|内|に|で|を|ファイルを|에|\s?파일(?:을|에)?)?\s*"
    r"(?:anlegen|erstellen|schreiben|(?:新規)?作成|実装|创建|創建|新建|新增|编写|編寫|撰寫|实现|實現|實作|생성|작성|구현)",
    re.IGNORECASE,
)
_FILE_WORDS = (
    r"(?:(?:the|an?|new|le|la|un|une|el|il|o|um|uma|die|das|eine?|neue[snr]?|новый)\s+){0,3}"
    r"(?:(?:empty|config(?:uration)?|test|source|migration)\s+)?"
    r"(?:(?:files?|modules?|scripts?|components?|tests?|datei|modul|archivo|arquivo|módulo|fichier|modulo|файл|модуль|ملف|"
    r"文件|檔案|模块|模組|测试|測試|ファイル|파일)\s*)?"
)
"""Words for a kind of file between a verb of creation and a path, such as “the new module”."""
_BETWEEN_VERB_AND_PATH = lazy_pattern(rf"[\s*_:：`]*{_FILE_WORDS}[\s:：(（*_]*", re.IGNORECASE)
_PLACE_WORD = lazy_pattern(
    r"(?:^|[\s:(（])(?:in|at|as|under|into|inside|en|em|als|unter|dans|nel|в|file|module|script|component|datei|archivo|arquivo|"
    r"fichier|файл)\s*:?\s*$|(?:[(（:：]|\s[—–-])\s*$|(?:于|文件|模块)\s*$",
    re.IGNORECASE,
)
"""Pattern for a word before a path that says where to create something, such as “in”."""
_SOURCE_PHRASE = lazy_pattern(
    r"\b(?:described|defined|specified|documented|listed|found|declared|used|shown|exported|mentioned|as|that|which|existing)"
    r"(?:\s+\w+)?\s+(?:in|at|by|of)\s*$",
    re.IGNORECASE,
)
"""Pattern for words before a path that names the source of the work, such as “as described in”."""
_TARGET_WORD = lazy_pattern(r"\b(?:to|into|for|al?|ao|à|zu[rm]?|к|в)\s", re.IGNORECASE)
"""Pattern for a word such as “to” in “add x to a.ts”: the file to which something is added exists already."""
_CONJUNCTION_AT_END = lazy_pattern(r"\s*(?:,|&|\+|and|und|y|e|et|и|和|、|及|,\s*and)\s*$", re.IGNORECASE)
_REMOVAL_WORDS = lazy_pattern(
    r"\b(?:delet|remov|renam|mov|replac|merg|fold)ed\s+(?:to|into|in|by|with|later|from|as|since|again)\b"
    r"|\b(?:if|where|when|as) (?:needed|necessary|required|missing|not present|absent)\b|\bif (?:it )?(?:does not|doesn['’]t) exist"
    r"|\bsi (?:es )?necesari[oa]|\bfalls nötig|如有必要|如需|必要に応じて|필요시",
    re.IGNORECASE,
)
"""Pattern for words that say that a file was removed, or may not be needed."""
PLACEHOLDER_PATTERN = lazy_pattern(
    r"(?:^|/)path/to/|\.\.\.|\.ext$|[A-Za-z0-9_]\[|\][A-Za-z0-9_]|\[[A-Z][A-Za-z ]+\]|YYYY|NNNN?|(?:^|[/_.-])(?:xxx+|XXX+|foo)(?=[/_.-])"
)
"""Pattern for parts that no real path contains.

A name in brackets at the start of a segment, such as `[id].tsx`, is a route of Next.js, and does not match.
"""
FRAMEWORK_PATTERN = lazy_pattern(
    r"(?:^|/)(?:(?:node|next|nuxt|vue|react|express|three|chart|nest|d3|deno|bun|backbone|ember)\.js|socket\.io|asp\.net)$",
    re.IGNORECASE,
)
"""Pattern for names of frameworks that look like file names: `React/Next.js`."""
_SECRET_FILE = lazy_pattern(r"(?:^|/)\.env(?:\.(?!example|sample|template|dist)[^/]*)?$")
"""Pattern for files with secrets. Git does not track such files, so a missing file proves nothing."""
HOST_PATTERN = lazy_pattern(r"[\w-]+\.(?:com|org|net|io|dev|ai)/", re.IGNORECASE)
"""Pattern for the host at the beginning of a web address."""
_NON_EXTENSION_ENDING = lazy_pattern(
    r"\.(?:id|name|email|x|v\d+|update|read|write|value|key|type|get|set|length|data|items?)$", re.IGNORECASE
)
"""Pattern for an ending after a dot that is not a file extension, such as `.name` in `user.name`."""
SCRIPT_EXTENSIONS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
"""Extensions that a JavaScript or TypeScript module may have."""
MAX_PATH_LENGTH_IN_MESSAGE = 60
"""Maximum number of characters of a path in a message. A longer path is cut."""
MAX_CACHED_TITLES = 8192
"""Maximum number of titles whose paths are cached. After an edit of a document, most titles are found in this cache."""
MAX_SEARCHED_TITLE_LENGTH = 2000
"""Maximum number of characters of a title in which paths are searched; a longer title has no paths."""


class FileLookup(NamedTuple):
    """Functions for the search of files.

    `exists` tells whether a file exists at a path, and `is_ignored` whether git ignores the path. `paths_named` returns
    the paths of the files with a given file name.
    """

    exists: Callable[[str], bool]
    is_ignored: Callable[[str], bool]
    paths_named: Callable[[str], Sequence[str]]


def may_be_tracked_file(path: str) -> bool:
    """Tell whether a path may be a file of the workspace that git tracks.

    The result is False for a placeholder, a web address, the name of a framework, and a file with secrets.
    """
    first_part, _, _ = path.partition("/")
    return not (
        path[:1] in ("@", "~", "/")
        or ".." in path.split("/")
        or PLACEHOLDER_PATTERN.search(path)
        or FRAMEWORK_PATTERN.search(path)
        or FRAMEWORK_PATTERN.search(first_part)
        or _SECRET_FILE.search(path)
        or HOST_PATTERN.match(path)
        or _NON_EXTENSION_ENDING.search(path)
    )


@functools.lru_cache(maxsize=MAX_CACHED_TITLES)
def created_paths(title: str) -> tuple[str, ...]:
    """Return the paths that a task with this title should create.

    A path counts if it is the object of a verb of creation (“create a.ts”), or the place of the object (“add x in
    a.ts”). A further path counts if it follows such a path and “and” or a comma.
    """
    if "/" not in title or "." not in title or len(title) > MAX_SEARCHED_TITLE_LENGTH or _REMOVAL_WORDS.search(title):
        return ()
    verb_match = _CREATING_PHRASE.match(title)
    paths: list[str] = []
    previous_end = -1
    for match in PATH_PATTERN.finditer(title):
        text_before = title[max(previous_end, 0) : match.start()]
        is_first = previous_end < 0
        is_chained = not is_first and bool(paths) and bool(_CONJUNCTION_AT_END.match(text_before))
        is_after_verb = is_first and verb_match is not None and _is_created_object(title, verb_match, match.start())
        if (
            is_after_verb
            or is_chained
            or (is_first and _WRITE_VERB_BEFORE_PATH.match(text_before))
            or _CREATE_VERB_AFTER_PATH.match(title, match.end())
        ):
            paths.append((match["quoted"] or match["bare"]).removeprefix("./"))
        previous_end = match.end()
    return tuple(path for path in dict.fromkeys(paths) if may_be_tracked_file(path))


def _is_created_object(title: str, verb_match: re.Match[str], path_start: int) -> bool:
    """Tell whether a path in a title is the object of a verb of creation, or the place of this object.

    `path_start` is the index of the path in the title. The result is False for a title such as “add x to a.ts”: the
    file existed before.
    """
    text_after_verb = title[verb_match.end() : path_start]
    if _BETWEEN_VERB_AND_PATH.fullmatch(text_after_verb):
        return True
    if verb_match["adds"] and _TARGET_WORD.search(text_after_verb):
        return False
    return bool(_PLACE_WORD.search(text_after_verb[-40:])) and not _SOURCE_PHRASE.search(text_after_verb[-40:])


def missing_path(task: Task, root: str, lookup: FileLookup) -> str | None:
    """Return the path of the first missing file that a task should create; None if no file is missing.

    A file is missing if no folder contains a file with its name, and git does not ignore its path. `root` is the folder
    to which the paths of the plan are relative.
    """
    for path in task.creates:
        if not exists_or_ignored(path, root, lookup) and not lookup.paths_named(path.rpartition("/")[2]):
            return path
    return None


def exists_or_ignored(path: str, root: str, lookup: FileLookup) -> bool:
    """Tell whether a file exists at `path`, or git ignores this path.

    `path` may be relative to the workspace or to `root`, the folder that contains the folder of the format.
    """
    possible_paths = {path, f"{root}/{path}" if root else path}
    return any(lookup.exists(possible_path) or lookup.is_ignored(possible_path) for possible_path in possible_paths)


def count_built_files(tasks: Sequence[Task], root: str, lookup: FileLookup) -> Built | None:
    """Return how many files the tasks should create, and how many of these files exist.

    A file that git ignores counts as existing. Return None if the tasks name no file. `root` is the folder to which the
    paths of the plan are relative.
    """
    paths = {path for task in tasks for path in task.creates}
    if not paths:
        return None
    return Built(len(paths), sum(1 for path in paths if exists_or_ignored(path, root, lookup)))


def existing_replacement(path: str, paths_named: Callable[[str], Sequence[str]]) -> str:
    """Return the path of an existing file that differs from a missing script only in the extension; "" if none exists.

    For example, `src/x.ts` may exist in place of `src/x.js`.
    """
    stem, dot, extension = path.rpartition(".")
    if dot + extension not in SCRIPT_EXTENSIONS:
        return ""
    name = stem.rpartition("/")[2]
    replacements = (
        replacement
        for other_extension in SCRIPT_EXTENSIONS
        if other_extension != dot + extension
        for replacement in paths_named(name + other_extension)
    )
    return next(
        (replacement for replacement in replacements if f"/{replacement}".rpartition(".")[0].endswith(f"/{stem}")), ""
    )


def replacement_note(path: str, paths_named: Callable[[str], Sequence[str]]) -> str:
    """Return the part of a message about a missing file that names the existing file with another extension.

    Return "" if no such file exists.
    """
    replacement = existing_replacement(path, paths_named)
    return f" (`{shorten(replacement, MAX_PATH_LENGTH_IN_MESSAGE)}` exists)" if replacement else ""
