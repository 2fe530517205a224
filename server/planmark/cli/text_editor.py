"""The text editor in which a user writes a text for a command, as for the message of `git commit`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from planmark.cli.errors import BAD_USAGE, CommandError

EDITOR_VARIABLES = ("VISUAL", "EDITOR")
"""The environment variables that may contain the command of the editor. The first variable that is set is used."""
FALLBACK_EDITORS = ("vi", "nano", "notepad")
"""The editors to try if no variable names one."""
COMMENT_MARK = "#"


def edit_text(name: str, initial_text: str) -> str:
    """Open a text editor with `initial_text`, and return the text that the user saves.

    Lines that begin with `#` are left out. `name` is the file name that the editor shows. Raises CommandError if no
    editor is found, or if the editor fails.
    """
    command = _editor_command()
    with tempfile.TemporaryDirectory(prefix="planmark-") as folder:
        file = Path(folder) / name
        file.write_text(initial_text, encoding="utf-8")
        try:
            code = subprocess.run([*command, str(file)], check=False).returncode
        except OSError as error:
            raise CommandError(f"cannot start the editor {command[0]}: {error.strerror or error}", BAD_USAGE) from None
        if code:
            raise CommandError(f"the editor {command[0]} exited with code {code}: nothing was written", BAD_USAGE)
        text_after = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    return "\n".join(line for line in text_after.splitlines() if not line.startswith(COMMENT_MARK))


def _editor_command() -> list[str]:
    command_line = next((value for variable in EDITOR_VARIABLES if (value := os.environ.get(variable, "").strip())), "")
    if command_line:
        try:
            return shlex.split(command_line, posix=os.name != "nt")
        except ValueError as error:
            raise CommandError(f"invalid VISUAL or EDITOR: {error}", BAD_USAGE) from None
    editor = next((editor for editor in FALLBACK_EDITORS if shutil.which(editor)), None)
    if editor is None:
        raise CommandError("no editor found: set VISUAL or EDITOR, or use --issue TEXT", BAD_USAGE)
    return [editor]
