"""The lines that tell agents of the plans, in the file of a project that agents read first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from planmark.cli.errors import UNREADABLE, CommandError
from planmark.storage.safe_read import NotReadError, read_inside
from planmark.workspace.atomic_write import WriteError, create_file, rewrite_file
from planmark.workspace.workspace_edits import CreateFile

FILES = ("AGENTS.md", "CLAUDE.md", "GEMINI.md")
"""The files that agents read. The first is created if none exists."""
POINTER = """## Plans

The plans of this project are Markdown files. `planmark next`, or the tool `next` of planmark, gives the prompt of the next step.
A person decides what is done.
"""
MENTION = "planmark next"
"""The words by which a file is known to tell of the plans."""
MAX_BYTES = 1_000_000
"""Maximum bytes of a file that is changed."""


def add_agent_pointer(root: Path, confirm: Callable[[str], bool]) -> str:
    """Add the lines to the first of the files that exists, else create AGENTS.md, and return its path.

    The result is "" if the person does not confirm. Nothing is asked if a file has such lines, or cannot be read. Raises
    CommandError if the file cannot be written.
    """
    try:
        texts = {name: _text(root, name) for name in FILES if (root / name).exists()}
    except (NotReadError, OSError, UnicodeDecodeError):
        return ""
    name = next(iter(texts), FILES[0])
    if any(MENTION in text for text in texts.values()):
        return ""
    if not confirm(f"Add four lines about the plans to {name}, for agents?"):
        return ""
    try:
        if name in texts:
            rewrite_file(root, name, texts[name], _with_pointer(texts[name]))
        else:
            create_file(root, CreateFile(name, POINTER))
    except WriteError as error:
        raise CommandError(str(error), UNREADABLE) from None
    return name


def _text(root: Path, name: str) -> str:
    data = read_inside(root, name, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise NotReadError("too-large", "is too large")
    return data.decode("utf-8-sig")


def _with_pointer(text: str) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text.strip() else end if text.endswith("\n") else end * 2
    return text + gap + POINTER.replace("\n", end)
