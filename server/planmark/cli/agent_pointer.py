"""The section that `planmark init` adds to a file for agents, such as AGENTS.md. It tells agents about the plans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from planmark.cli.errors import UNREADABLE, CommandError
from planmark.storage.safe_read import NotReadError, read_inside
from planmark.workspace.atomic_write import WriteError, create_file, rewrite_file
from planmark.workspace.workspace_edits import CreateFile

AGENT_FILES = ("AGENTS.md", "CLAUDE.md", "GEMINI.md")
"""The names of the files that agents read when they begin. If no such file exists, AGENTS.md is created."""
POINTER_TEXT = """## Plans

The plans of this project are Markdown files. `planmark next`, or the tool `next` of planmark, gives the prompt of the next step.
A person decides what is done.
"""
MENTION_OF_PLANMARK = "planmark next"
"""If a file of `AGENT_FILES` contains this text, the section is not added."""
MAX_AGENT_FILE_BYTES = 1_000_000
"""Maximum bytes of a file to which the section is added."""


def add_agent_pointer(root: Path, confirm: Callable[[str], bool]) -> str:
    """Add `POINTER_TEXT` to the first file of `AGENT_FILES` that exists, and return the path of this file.

    If no file of `AGENT_FILES` exists, create AGENTS.md with the text. `confirm` asks a person a question, and tells
    whether the answer is yes. If the answer is no, return "" and change nothing.

    Also return "", without a question, if a file of `AGENT_FILES` has `MENTION_OF_PLANMARK` already, or cannot be read.
    Raises CommandError if the file cannot be written.
    """
    try:
        texts = {name: _read_text(root, name) for name in AGENT_FILES if (root / name).exists()}
    except (NotReadError, OSError, UnicodeDecodeError):
        return ""
    name = next(iter(texts), AGENT_FILES[0])
    if any(MENTION_OF_PLANMARK in text for text in texts.values()):
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
    """Return the text of a file in the workspace, without its byte order mark.

    Raises NotReadError if the file has more than `MAX_AGENT_FILE_BYTES` bytes.
    """
    data = read_inside(root, name, MAX_AGENT_FILE_BYTES)
    if len(data) > MAX_AGENT_FILE_BYTES:
        raise NotReadError("too-large", "is too large")
    return data.decode("utf-8-sig")


def _with_pointer(text: str) -> str:
    """Return `text` with `POINTER_TEXT` at the end. If `text` is not blank, an empty line separates the two texts."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    separator = "" if not text.strip() else line_end if text.endswith("\n") else line_end * 2
    return text + separator + POINTER_TEXT.replace("\n", line_end)
