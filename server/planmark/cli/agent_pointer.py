"""The section about the plans that `planmark init` adds to the file that agents read first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from planmark.cli.errors import UNREADABLE, CommandError
from planmark.storage.safe_read import NotReadError, read_inside
from planmark.workspace.atomic_write import WriteError, create_file, rewrite_file
from planmark.workspace.workspace_edits import CreateFile

AGENT_FILES = ("AGENTS.md", "CLAUDE.md", "GEMINI.md")
"""The files that agents read first. If none of them exists, the first is created."""
POINTER_TEXT = """## Plans

The plans of this project are Markdown files. `planmark next`, or the tool `next` of planmark, gives the prompt of the next step.
A person decides what is done.
"""
MENTION_TEXT = "planmark next"
"""A file that contains this text tells agents of the plans already."""
MAX_BYTES = 1_000_000
"""Maximum bytes of a file to which the section is added."""


def add_agent_pointer(root: Path, confirm: Callable[[str], bool]) -> str:
    """Add `POINTER_TEXT` to the first existing file of `AGENT_FILES`, else create AGENTS.md. Return the path of the file.

    Return "" if the person does not confirm. Return "" without a question if a file has `MENTION_TEXT` already, or cannot
    be read. Raises CommandError if the file cannot be written.
    """
    try:
        texts = {name: _read_text(root, name) for name in AGENT_FILES if (root / name).exists()}
    except (NotReadError, OSError, UnicodeDecodeError):
        return ""
    name = next(iter(texts), AGENT_FILES[0])
    if any(MENTION_TEXT in text for text in texts.values()):
        return ""
    if not confirm(f"Add four lines about the plans to {name}, for agents?"):
        return ""
    try:
        if name in texts:
            rewrite_file(root, name, texts[name], _with_pointer(texts[name]))
        else:
            create_file(root, CreateFile(name, POINTER_TEXT))
    except WriteError as error:
        raise CommandError(str(error), UNREADABLE) from None
    return name


def _read_text(root: Path, name: str) -> str:
    data = read_inside(root, name, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise NotReadError("too-large", "is too large")
    return data.decode("utf-8-sig")


def _with_pointer(text: str) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text.strip() else line_end if text.endswith("\n") else line_end * 2
    return text + gap + POINTER_TEXT.replace("\n", line_end)
