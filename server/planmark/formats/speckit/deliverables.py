"""The files that a task names, and which of them it is to create."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

_SEGMENT = r"[A-Za-z0-9_.@()\[\]+~-]+"
_PATH = re.compile(rf"(?<![A-Za-z0-9_./\\@:$%{{}}<*~+\]-])(?:\.{{1,2}}/)?{_SEGMENT}(?:/{_SEGMENT})+(?![/*{{<$\\])")
"""A relative path with at least one slash. Segments are ASCII, because text in other scripts follows without a space."""
_FILE_NAME = re.compile(r"^[A-Za-z0-9_.@()\[\]+~-]*[A-Za-z0-9_)\]-]\.[A-Za-z][A-Za-z0-9]{0,9}$")
_CODE = re.compile(r"`([^`\n]+)`")
_MADE_BOLD = re.compile(r"\*\*(init|main|tests?|mocks?|snapshots?)\*\*")
"""A Python or Jest name such as `__init__` that an editor of Markdown has rewritten as bold text."""
_NO_FILE = re.compile(
    r"(?:^|/)(?:(?:node|next|nuxt|vue|react|express|three|chart|nest|d3|deno|bun|backbone|ember)\.js|socket\.io|asp\.net)$",
    re.IGNORECASE,
)
"""Names of frameworks that look like file names: `React/Next.js`."""
_PRIVATE = re.compile(r"(?:^|/)\.env(?:\.(?!example|sample|template|dist)[^/]*)?$")
"""Files with secrets, which are kept out of git: that one is missing proves nothing."""
_PLACEHOLDER = re.compile(r"(?:^|/)path/to/|\.\.\.|(?:^|/)(?:file|name)\.ext$|\[[A-Z ]{2,}\]")
_LABEL = re.compile(r"^(?:[*_(\[]*[\w ]{1,20}[)\]*_]*\s*[:：]\s*)?[*_]*")
_MAKES = re.compile(
    r"(?:create|add|write|implement|generate|build|scaffold|define|develop"
    r"|crear?|crea|añadir|agregar|escribir|implementar|generar|criar?|adicionar|escrever|gerar"
    r"|créer|ajouter|écrire|implémenter|erstellen?|schreiben?"
    r"|создать|добавить|написать|реализовать)\b|(?:创建|新建|添加|新增|编写|实现|建立|建立|撰寫|實作|實現|编寫)",
    re.IGNORECASE,
)
"""The verb at the beginning of a task that makes its first file a result of the task."""
_MAKES_AT_END = re.compile(
    r"(?:を|の)?(?:作成|追加|実装|新規作成|生成)(?:する|します|。|$)|(?:を|の)(?:作成|追加|実装)"
)
_SOURCE = re.compile(
    r"(?:\b(?:per|from|see|using|via|following|matching|against|like|than|with|based on|according to|defined in"
    r"|described in|specified in|según|desde|siguiendo|ver|conforme|a partir de)|参照|按照|根据|根據)\s*[`\"'(]*$",
    re.IGNORECASE,
)
"""The words before a path that make it a source of the work."""
_JOINS = re.compile(
    r"^[`\"']?\s*(?:,|&|\+|、|，|\band\b|\by\b|\be\b|\bи\b|\bund\b|\bet\b|和|と|及)\s*(?:and\s+)?[`\"']?$",
    re.IGNORECASE,
)
MAX_LENGTH = 4_000
"""Maximum number of characters of a task in which paths are searched."""


class Missing(NamedTuple):
    """A file that a task was to create and that does not exist. `moved` is a file of the same name, or ""."""

    path: str
    moved: str


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _PATH.finditer(text):
        found = match[0].rstrip(".")
        while found.endswith((")", "]")) and found.count(found[-1]) > found.count("(" if found[-1] == ")" else "["):
            found = found[:-1].rstrip(".")
        start = match.start()
        while found.startswith(("(", "[")) and found.count(found[0]) > found.count(")" if found[0] == "(" else "]"):
            found, start = found[1:], start + 1
        if "/" not in found or ".." in found.split("/") or found.startswith("@") or _PLACEHOLDER.search(found):
            continue
        if _FILE_NAME.match(found.rpartition("/")[2]) and not _NO_FILE.search(found):
            yield start, start + len(found), found.removeprefix("./")


def _plain(text: str) -> str:
    return _MADE_BOLD.sub(r"__\1__", text[:MAX_LENGTH])


def files_of(text: str) -> tuple[str, ...]:
    """Return the files that a text names: paths with a slash, and file names in code spans."""
    plain = _plain(text)
    named = {start: path for start, _, path in _spans(plain)}
    for match in _CODE.finditer(plain):
        if "/" not in match[1] and _FILE_NAME.match(match[1]) and not _NO_FILE.search(match[1]):
            named[match.start(1)] = match[1]
    return tuple(dict.fromkeys(named[start] for start in sorted(named)))


def created_by(text: str) -> tuple[str, ...]:
    """Return the files that a task is to create: the first one that it names, and those listed directly after it."""
    plain = _plain(text)
    if not (_MAKES.match(plain, _LABEL.match(plain).end()) or _MAKES.match(plain) or _MAKES_AT_END.search(plain)):  # type: ignore[union-attr]
        return ()
    found: list[str] = []
    before = 0
    for start, end, path in _spans(plain):
        if found and not _JOINS.match(plain[before:start]):
            break
        if not found and _SOURCE.search(plain[max(0, start - 30) : start]):
            continue
        found.append(path)
        before = end
    return tuple(path for path in dict.fromkeys(found) if not _PRIVATE.search(path))


def missing(
    created: Sequence[str],
    roots: Sequence[str],
    exists: Callable[[str], bool],
    ignored: Callable[[str], bool],
    elsewhere: Callable[[str], Sequence[str]],
) -> tuple[Missing, ...]:
    """Return the files to create that exist below none of `roots` (each "" or with a slash at its end)."""
    found = []
    for path in created:
        if any(exists(root + path) or ignored(root + path) for root in roots):
            continue
        alike = elsewhere(path.rpartition("/")[2])
        found.append(Missing(path, max(alike, key=lambda other: _shared(path, other), default="")))
    return tuple(found)


def _shared(path: str, other: str) -> tuple[int, int]:
    wanted, given = path.split("/"), other.split("/")
    at_end = next(
        (at for at, pair in enumerate(zip(wanted[::-1], given[::-1], strict=False)) if pair[0] != pair[1]), len(wanted)
    )
    return len(set(wanted).intersection(given)), at_end
