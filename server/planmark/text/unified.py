"""Changes of files as a unified diff that `git apply` and `patch -p1` read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

_PLAIN_NAME = re.compile(r"[^\x00-\x1f\x7f\"\\]*")
_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def diff_of_text(path: str, before: str, after: str, new_path: str | None = None) -> str:
    """Return the diff of one file; with `new_path`, the diff also moves it to that path. Paths are relative, with `/`.

    Only LF ends a line of a diff, so a CR stays part of its line.
    """
    target = new_path or path
    header_lines = [f"diff --git {_quoted_path('a/', path)} {_quoted_path('b/', target)}"]
    if new_path:
        similarity = "100" if before == after else "99"
        header_lines += [
            f"similarity index {similarity}%",
            f"rename from {_quoted_path('', path)}",
            f"rename to {_quoted_path('', target)}",
        ]
    hunks = _hunks(before, after)
    if hunks:
        header_lines += [f"--- {_header_path('a/', path)}", f"+++ {_header_path('b/', target)}"]
    return "\n".join([*header_lines, *hunks]) + "\n"


def diff_of_new(path: str, text: str) -> str:
    """Return the diff that creates a file."""
    header_lines = [f"diff --git {_quoted_path('a/', path)} {_quoted_path('b/', path)}", "new file mode 100644"]
    if text:
        header_lines += ["--- /dev/null", f"+++ {_header_path('b/', path)}"]
    return "\n".join([*header_lines, *_hunks("", text)]) + "\n"


def _hunks(before: str, after: str) -> list[str]:
    """Return the lines of the hunks. After a line without a line end, the mark of `diff` follows."""
    result: list[str] = []
    for line in list(_unified_lines(before, after))[2:]:
        result.append(line.removesuffix("\n"))
        if not line.endswith("\n"):
            result.append("\\ No newline at end of file")
    return result


def _unified_lines(before: str, after: str) -> Iterator[str]:
    return difflib.unified_diff(_lines(before), _lines(after), lineterm="\n")


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _header_path(side: str, path: str) -> str:
    """Return a path in the form of the lines `---` and `+++`, in which a tab ends a name with blanks."""
    name = _quoted_path(side, path)
    return f"{name}\t" if " " in name and not name.startswith('"') else name


def _quoted_path(side: str, path: str) -> str:
    """Return a path in the form of git: quoted if the path contains a character that would end the path."""
    full_path = f"{side}{path}"
    if _PLAIN_NAME.fullmatch(full_path):
        return full_path
    return f'"{"".join(map(_escape_character, full_path))}"'


def _escape_character(character: str) -> str:
    is_control = character < " " or character == "\x7f"
    return _ESCAPES.get(character) or (f"\\{ord(character):03o}" if is_control else character)
