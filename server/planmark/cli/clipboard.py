"""The clipboard of the operating system: a program or the terminal copies a text to it.

If neither can copy the text, the command reports this and continues.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys

CLIPBOARD_PROGRAMS: tuple[tuple[str, ...], ...] = (
    ("pbcopy",),
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--clipboard", "--input"),
    ("clip.exe",),
)
"""The programs that copy a text, each with its arguments, in the order in which they are tried.

They are for macOS, Wayland, X11 (two programs), and Windows with WSL.
"""
PROGRAM_TIMEOUT_SECONDS = 5
"""Maximum seconds that a program may take to copy a text."""
MAX_ENCODED_CHARACTERS = 74_000
"""Maximum characters of the encoded text in an escape sequence. Terminals reject longer sequences."""


def copy(text: str) -> str:
    """Copy `text` to the clipboard. Return a message that tells the user whether the text was copied."""
    for program in CLIPBOARD_PROGRAMS:
        if shutil.which(program[0]) and _copy_with(program, text):
            return f"copied to the clipboard ({len(text):,} characters)"
    encoded_text = base64.b64encode(text.encode()).decode()
    if sys.stderr.isatty() and len(encoded_text) <= MAX_ENCODED_CHARACTERS:
        # OSC 52: the terminal itself copies the text, even over a remote shell.
        sys.stderr.write(f"\x1b]52;c;{encoded_text}\x07")
        return "sent to the clipboard of the terminal"
    tried_programs = ", ".join(program[0] for program in CLIPBOARD_PROGRAMS)
    return f"not copied: no clipboard found (tried {tried_programs}); use --out FILE"


def _copy_with(program: tuple[str, ...], text: str) -> bool:
    encoding = "utf-16" if program[0] == "clip.exe" else "utf-8"
    try:
        process = subprocess.run(
            program,
            input=text.encode(encoding),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PROGRAM_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return process.returncode == 0
