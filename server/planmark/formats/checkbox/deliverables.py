"""The files that a task is to create, and which of them are missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from planmark.formats.checkbox.tasks import Task
from planmark.plans.model import Built

PATH = re.compile(
    r"`(?P<quoted>(?:\.{1,2}/)?[\w.@()\[\]~+-]{1,80}(?:/[\w.@()\[\]~+-]{1,80}){1,20}\.[A-Za-z][A-Za-z0-9]{0,9})`"
    r"|(?<![\w./:@`~-])(?P<bare>(?:\./)?[\w.@-]{1,80}(?:/[\w.@\[\]-]{1,80}){1,20}\.[A-Za-z][A-Za-z0-9]{0,9})(?![\w/`(])"
)
"""A path that has a folder and an extension, in backticks or bare."""
_CREATES = re.compile(
    r"^\W*(?:(?:re)?creat(?:e|es|ed)|scaffold|add|write|implement|generate|define|build|introduce|set up|"
    r"crear|crea|escribir|agregar|añadir|implementar|criar|crie|adicionar|créer|ajouter|écrire|"
    r"erstelle|erstellen|schreibe|implementiere|создать|добавить|написать|реализовать|إنشاء)\b"
    r"|^\W*(?:创建|新建|新增|建立|編寫|编写|添加|实现|实作|創建|實作|作成|実装|追加|생성|작성|구현)",
    re.IGNORECASE,
)
_WRITES_TO = re.compile(r"^\W*(?:write|save|export|generate)\b.{0,120}?\bto\s*$", re.IGNORECASE)
_CREATED_BEHIND = re.compile(
    r"\s*(?:file\s+|文件|中|里|に|で|を)?\s*(?:anlegen|erstellen|schreiben|(?:新規)?作成|実装|创建|新建|新增|编写|생성|작성|구현)",
    re.IGNORECASE,
)
_DIRECT = re.compile(
    r"(?:^|[\s:(（])(?:in|at|as|under|into|en|em|als|unter|file|module|script|component|datei|archivo|arquivo)\s*:?\s*$"
    r"|(?:[(（:：]|\s[—–-])\s*$|(?:于|文件|模块)\s*$",
    re.IGNORECASE,
)
_JOINS = re.compile(r"\s*(?:,|&|\+|and|und|y|e|和|、|,\s*and)\s*$", re.IGNORECASE)
_GOES = re.compile(r"\b(?:delet|remov|renam|mov|replac)(?:e|ed|es|ing)\b|\b(?:if needed|if necessary)\b", re.IGNORECASE)
MAX_TITLE = 2000
"""The maximum length of a title that is searched for paths."""


class Lookup(NamedTuple):
    """How to look for files: whether a path exists, whether git ignores it, and the files with a file name."""

    exists: Callable[[str], bool]
    ignored: Callable[[str], bool]
    elsewhere: Callable[[str], Sequence[str]]


def created_paths(title: str) -> tuple[str, ...]:
    """Return the paths that a task is to create: those that directly follow a verb of creation, or `in` and `at`."""
    if "/" not in title or "." not in title or len(title) > MAX_TITLE or _GOES.search(title):
        return ()
    creates = _CREATES.match(title)
    found: list[str] = []
    behind = -1
    for match in PATH.finditer(title):
        before = title[max(behind, 0) : match.start()]
        first = behind < 0
        chained = not first and bool(found) and bool(_JOINS.match(before))
        named = bool(creates) and first and (match.start() - (creates.end() if creates else 0) <= 2 or _direct(before))
        if named or chained or (first and _WRITES_TO.match(before)) or _CREATED_BEHIND.match(title[match.end() :]):
            found.append((match["quoted"] or match["bare"]).removeprefix("./"))
        behind = match.end()
    return tuple(dict.fromkeys(found))


def _direct(before: str) -> bool:
    return bool(_DIRECT.search(before[-40:]))


def missing_path(task: Task, root: str, lookup: Lookup) -> str | None:
    """Return the first file of a task that is nowhere, not even with a different folder, and that git does not ignore."""
    for path in task.creates:
        if not found_at(path, root, lookup) and not lookup.elsewhere(path.rpartition("/")[2]):
            return path
    return None


def found_at(path: str, root: str, lookup: Lookup) -> bool:
    """Tell whether a file exists, or git ignores it, below the root of the plan or of the workspace."""
    places = {path, f"{root}/{path}" if root else path}
    return any(lookup.exists(place) or lookup.ignored(place) for place in places)


def built(tasks: Sequence[Task], root: str, lookup: Lookup) -> Built | None:
    """Return how many files the tasks are to create, and how many of them exist; None if they name no file."""
    paths = {path for task in tasks for path in task.creates}
    if not paths:
        return None
    return Built(len(paths), sum(1 for path in paths if found_at(path, root, lookup)))
