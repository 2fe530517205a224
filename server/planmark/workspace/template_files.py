"""The prompt templates of a workspace, and the subprocess with limits that renders them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from planmark.storage.safe_read import NotReadError, read_inside

TEMPLATE_SUFFIX = ".md.j2"
"""The end of the file names of templates."""
MAX_TEMPLATE_BYTES = 100_000
"""Maximum bytes of a template file."""
MAX_FILES = 100
"""Maximum number of templates read per folder. Planmark has fewer steps, and each step needs one template."""
MAX_OUTPUT_BYTES = 1_000_000
"""Maximum bytes of the output of the subprocess."""
MAX_PROCESSOR_SECONDS = 2
"""Maximum seconds of processor time of the subprocess, which sets this limit for itself if the system can."""
MAX_WALL_CLOCK_SECONDS = 5.0 if sys.platform == "win32" else 60.0
"""Maximum seconds of wall-clock time of the subprocess.

On POSIX, the limit of processor time ends an endless loop, so this limit is longer: on a busy machine, rendering may
take much wall-clock time.
"""
ISOLATED_MODULE_CODE = (
    "import runpy, sys; sys.path.insert(0, sys.argv[2]); runpy.run_module(sys.argv[1], run_name='__main__')"
)
"""The code of a subprocess that runs a module of Planmark. Its arguments are the module and the folder of Planmark.

The code adds the folder to `sys.path`, because Planmark may not be installed in the interpreter.
"""


class Template(NamedTuple):
    """A template. `path` is relative to the workspace. `problem` is the reason why its text cannot be used, or ""."""

    path: str
    text: str
    problem: str = ""


def read_templates(root: Path, folder: str) -> dict[str, Template]:
    """Return the templates in a folder of the workspace, by file name. If `folder` is "", return no templates.


    If the folder cannot be read, the result has one entry with the problem.
    """
    if not folder:
        return {}
    templates_folder = root / folder
    try:
        if not templates_folder.resolve().is_relative_to(root):
            return {folder: Template(folder, "", "lies outside the workspace: it is not read")}
        files = sorted(path for path in templates_folder.iterdir() if path.name.endswith(TEMPLATE_SUFFIX))[:MAX_FILES]
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return {folder: Template(folder, "", f"cannot be read: {reason}")}
    return {path.name: _read_template(root, f"{folder.strip('/')}/{path.name}") for path in files}


def run_with_limits(module: str, payload: str) -> tuple[bool, str]:
    """Run the module of Planmark with the dotted name `module` in a subprocess, for at most MAX_WALL_CLOCK_SECONDS.

    `payload` is the standard input of the subprocess. Return two values: whether the subprocess succeeded, and its
    output. After a failure, the second value is the reason of the failure, in words.
    """
    command = [sys.executable, "-I", "-c", ISOLATED_MODULE_CODE, module, str(Path(__file__).resolve().parents[2])]
    try:
        process = subprocess.run(
            command, input=payload.encode(), capture_output=True, timeout=MAX_WALL_CLOCK_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"took longer than {MAX_WALL_CLOCK_SECONDS:g} seconds"
    except OSError as error:
        return False, f"could not be run: {error.strerror or error}"
    if process.returncode != 0:
        message_lines = process.stderr.decode("utf-8", "replace").strip().splitlines()
        return (
            False,
            message_lines[-1]
            if process.returncode == 1 and message_lines
            else f"took more than {MAX_PROCESSOR_SECONDS} seconds or its memory",
        )
    if len(process.stdout) > MAX_OUTPUT_BYTES:
        return False, f"gave more than {MAX_OUTPUT_BYTES:,} bytes"
    return True, process.stdout.decode("utf-8", "replace")


def _read_template(root: Path, path: str) -> Template:
    """Return the template at a path, or a template with the problem that prevents reading the file."""
    try:
        data = read_inside(root, path, MAX_TEMPLATE_BYTES)
    except NotReadError as error:
        return Template(path, "", str(error))
    except OSError as error:
        return Template(path, "", f"cannot be read: {error.strerror or error}")
    if len(data) > MAX_TEMPLATE_BYTES:
        return Template(path, "", f"is larger than {MAX_TEMPLATE_BYTES:,} bytes: it is not read")
    return Template(path, data.decode("utf-8-sig", "replace"))
