"""Files that programs generate in a work tree, such as `__pycache__`. They are never part of the work."""

from __future__ import annotations

import os
import threading

from planmark.cli.errors import UNREADABLE, CommandError
from planmark.run.repository import GitRepository

GENERATED_PATTERNS = ("__pycache__/", ".pytest_cache/", ".mypy_cache/", ".ruff_cache/", "node_modules/", ".DS_Store")
IGNORE_FILE = "ignore"
"""The name of the file with the patterns that git ignores, in the folder `planmark` of the git folder."""


def git_ignore_options(repository: GitRepository) -> tuple[str, str]:
    """Return the options with which git ignores generated files. Raises CommandError if their list cannot be written.

    Git also ignores the files that the user ignores. A `.gitignore` of the repository overrides the list.
    """
    folder = repository.common / "planmark"
    path = folder / IGNORE_FILE
    content = _ignored_by_user(repository) + "".join(f"{pattern}\n" for pattern in GENERATED_PATTERNS).encode()
    try:
        if not path.is_file() or path.read_bytes() != content:
            folder.mkdir(exist_ok=True)
            unfinished_path = folder / f"{IGNORE_FILE}.{os.getpid()}-{threading.get_ident()}"
            unfinished_path.write_bytes(content)
            unfinished_path.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}", UNREADABLE) from None
    return "-c", f"core.excludesFile={path}"


def _ignored_by_user(repository: GitRepository) -> bytes:
    """Return the content of the user's own list of ignored files.

    The option `core.excludesFile` would replace that list.
    """
    ignore_file = repository.user_ignores
    try:
        content = (repository.top / ignore_file).read_bytes() if ignore_file else b""
    except OSError:
        return b""
    return content if content.endswith(b"\n") or not content else content + b"\n"
