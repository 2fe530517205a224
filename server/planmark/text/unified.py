"""Changes of files as a unified diff that `git apply` and `patch -p1` read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from planmark.text.lazy_pattern import lazy_pattern

_PLAIN_NAME = lazy_pattern(r"[^\x00-\x1f\x7f\"\\]*")
_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def diff_of_file(path: str, old_text: str, new_text: str, new_path: str | None = None) -> str:
    """Return the diff of one file. If `new_path` is given, the diff also moves the file to `new_path`.

    Paths are relative, with `/` as separator. Only LF ends a line of a diff, so a CR stays part of its line.
    """
    target_path = new_path or path
    header_lines = [f"diff --git {_quoted_path('a/', path)} {_quoted_path('b/', target_path)}"]
    if new_path:
        similarity = "100" if old_text == new_text else "99"
        header_lines += [
            f"similarity index {similarity}%",
            f"rename from {_quoted_path('', path)}",
            f"rename to {_quoted_path('', target_path)}",
        ]
    hunks = _lines_of_hunks(old_text, new_text)
    if hunks:
        header_lines += [f"--- {_header_path('a/', path)}", f"+++ {_header_path('b/', target_path)}"]
    return "\n".join([*header_lines, *hunks]) + "\n"


def diff_of_new_file(path: str, text: str) -> str:
    """Return the diff that creates a file."""
    header_lines = [f"diff --git {_quoted_path('a/', path)} {_quoted_path('b/', path)}", "new file mode 100644"]
    if text:
        header_lines += ["--- /dev/null", f"+++ {_header_path('b/', path)}"]
    return "\n".join([*header_lines, *_lines_of_hunks("", text)]) + "\n"


def _lines_of_hunks(old_text: str, new_text: str) -> list[str]:
    """Return the lines of the hunks. A note follows each line that has no line end, as in the output of `diff`."""
    hunk_lines: list[str] = []
    for line in list(_unified_lines(old_text, new_text))[2:]:
        hunk_lines.append(line.removesuffix("\n"))
        if not line.endswith("\n"):
            hunk_lines.append("\\ No newline at end of file")
    return hunk_lines


def _unified_lines(old_text: str, new_text: str) -> Iterator[str]:
    return difflib.unified_diff(_split_at_line_feeds(old_text), _split_at_line_feeds(new_text), lineterm="\n")


def _split_at_line_feeds(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _header_path(side: str, path: str) -> str:
    """Return the path for a header line that begins with `---` or `+++`. `side` is the prefix of the path: `a/` or
    `b/`. In these lines, a tab ends a path that contains blanks.
    """
    name = _quoted_path(side, path)
    return f"{name}\t" if " " in name and not name.startswith('"') else name


def _quoted_path(side: str, path: str) -> str:
    """Return `side` and `path` as git writes a path: in quotes if it contains a control character, a quote or a
    backslash.
    """
    full_path = f"{side}{path}"
    if _PLAIN_NAME.fullmatch(full_path):
        return full_path
    return f'"{"".join(map(_escape_character, full_path))}"'


def _escape_character(character: str) -> str:
    is_control = character < " " or character == "\x7f"
    return _ESCAPES.get(character) or (f"\\{ord(character):03o}" if is_control else character)
