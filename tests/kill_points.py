"""Runs a command of `planmark` repeatedly, killed one step later each time while it writes, until it ends by itself.

    python kill_points.py EVERY ROOT ARGUMENT...

A step is a call of a C function while `workspace/atomic_write.py` works, which includes every system call. EVERY is the
number of steps between two kills. After each kill it prints the files of ROOT as a line of JSON, path → text, and
restores them.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from planmark.cli import apply_fixes, workspace_access
from planmark.cli.commands import adopt, create, init, new, verdict
from planmark.cli.main import main
from planmark.workspace import atomic_write

LOADED = (adopt, create, init, apply_fixes, new, verdict, workspace_access)
NULL = os.open(os.devnull, os.O_RDWR)


def files(root: Path) -> dict[str, str]:
    """Return path → text of every file."""
    return {p.relative_to(root).as_posix(): p.read_bytes().decode() for p in sorted(root.rglob("*")) if p.is_file()}


def put_back(root: Path, before: dict[str, str]) -> None:
    """Restore the files in `before`, and delete every other file."""
    for path in files(root):
        if path not in before:
            (root / path).unlink()
    for path, text in before.items():
        if (root / path).read_bytes() != text.encode():
            (root / path).write_bytes(text.encode())


def dying(write: Callable[..., Any], after: int) -> Callable[..., Any]:
    """Return `write` as a function that kills its process after `after` steps."""
    left = after

    def step(_frame: FrameType, event: str, _about: object) -> None:
        nonlocal left
        if event in ("c_call", "c_return"):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def killed(*arguments: Any) -> Any:
        sys.setprofile(step)
        try:
            return write(*arguments)
        finally:
            sys.setprofile(None)

    return killed


def run(arguments: list[str], after: int) -> bool:
    """Run the command in a subprocess that dies after `after` steps of writing. Tell whether it was killed."""
    child = os.fork()
    if not child:
        os.dup2(NULL, 1)
        os.dup2(NULL, 2)
        sys.stdin = io.StringIO("y\n" * 20)
        for module in LOADED:
            for name in ("create_file", "rewrite_file"):
                if hasattr(module, name):
                    setattr(module, name, dying(getattr(atomic_write, name), after))
        main(arguments)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    every, root, command = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    before = files(root)
    after = 0
    while run(["--workspace", str(root), "--quiet", *command], after):
        print(json.dumps(files(root)), flush=True)
        put_back(root, before)
        after += every
    print(json.dumps(files(root)))
