"""Puts the server and its libraries into `bundled/libs`, for one platform and every Python that the server supports.

The versions are those of `requirements-dev.lock`. What is pure Python comes as the lowest Python takes it; native libraries
come once for each Python, and lie side by side, since their file names say which is whose.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

if sys.version_info >= (3, 11):
    import tomllib
else:
    from pip._vendor import tomli as tomllib  # pip is needed here anyway

CLIENT = Path(__file__).resolve().parent.parent
ROOT = CLIENT.parent
BUNDLED = CLIENT / "bundled"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_5_x86_64"),
    "linux-arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    "alpine-x64": ("musllinux_1_2_x86_64", "musllinux_1_1_x86_64"),
    "darwin-x64": ("macosx_10_9_x86_64", "macosx_10_13_x86_64", "macosx_11_0_x86_64", "macosx_10_9_universal2"),
    "darwin-arm64": ("macosx_11_0_arm64", "macosx_11_0_universal2", "macosx_10_9_universal2"),
    "win32-x64": ("win_amd64",),
    "win32-arm64": ("win_arm64",),
}
NOT_NEEDED = ("pygments", "markdown-it-py", "mdurl")
"""Libraries of rich that colour code and show Markdown: the server does neither."""
LEFT_OUT = ("__pycache__", "tests", "test", "include")
"""Folders of packages that nothing loads."""
EXAMPLES = ("planmark", "examples")
LEFT_OUT_SUFFIXES = (".pyc", ".pyi", ".c", ".h", ".pxd", ".pyx", ".exe")


def main() -> None:
    """Fill `bundled/libs` for the target in the arguments."""
    target = sys.argv[1]
    if target not in PLATFORMS:
        raise SystemExit(f"there is no target {target}; there are {', '.join(PLATFORMS)}")
    libs = BUNDLED / "libs"
    shutil.rmtree(libs, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda python: _download(wheels / python, python, target, _pins(python, target)), PYTHONS))
        own = wheels / "own"
        _run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(own), str(ROOT)])
        # The lowest Python first: what is pure is taken once, and a file that is there is not written over.
        taken: set[str] = set()
        for python in PYTHONS:
            for wheel in sorted((wheels / python).glob("*.whl")):
                name = wheel.name.partition("-")[0]
                if name not in taken:
                    _unpack(wheel, libs)
                if wheel.name.endswith("-none-any.whl"):
                    taken.add(name)
        for wheel in own.glob("*.whl"):
            _unpack(wheel, libs)
    contents = {"target": target, "pythons": PYTHONS}
    (BUNDLED / "contents.json").write_text(json.dumps(contents) + "\n", encoding="utf-8")
    count, size = _size(libs)
    print(f"bundled/libs for {target}: {count} files, {size / 1e6:.1f} MB")


def _pins(python: str, target: str) -> list[str]:
    """Return name → version of the libraries for one Python and system, as the lock has them for `pyproject.toml`."""
    own = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    asked = {one.name for one in map(Locked, own) if one.counts(python, target)}
    wanted = _closure(_locked(), asked, python, target)
    return [f"{name}=={version}" for name, version in sorted(wanted.items()) if name not in NOT_NEEDED]


class Locked:
    """A line of the lock, or of `pyproject.toml`: a version, and the Pythons and systems for which it counts."""

    def __init__(self, line: str) -> None:
        requirement, _, self.marker = (part.strip() for part in line.partition(";"))
        self.name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()
        self.version = requirement.partition("==")[2]
        self.via: set[str] = set()

    def counts(self, python: str, target: str) -> bool:
        """Tell whether the marker holds. The lock has only markers of Python's version and of the system."""
        version = tuple(map(int, python.split(".")))
        for test in filter(None, re.split(r"\s+and\s+", self.marker)):
            name, operator, value = test.replace("'", "").replace('"', "").split()
            if name in ("python_full_version", "python_version"):
                other = tuple(map(int, value.split(".")[:2]))
                holds = {"<": version < other, ">=": version >= other, ">": version > other, "==": version == other}
            elif name == "sys_platform":
                holds = {"==": target.startswith(value), "!=": not target.startswith(value)}
            elif name in ("platform_python_implementation", "implementation_name"):
                is_cpython = value.lower() == "cpython"
                holds = {"==": is_cpython, "!=": not is_cpython}
            else:
                raise SystemExit(f"requirements-dev.lock: {self.name} has a marker that is not understood: {test}")
            if not holds[operator]:
                return False
        return True


def _locked() -> list[Locked]:
    found: list[Locked] = []
    for line in (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            found.append(Locked(line))
        elif found:
            via = line.strip().lstrip("# ").removeprefix("via").strip()
            found[-1].via |= {via} if via else set()
    return found


def _closure(locked: Sequence[Locked], asked: Collection[str], python: str, target: str) -> dict[str, str]:
    """Return name → version of the named libraries and of their dependencies."""
    wanted: dict[str, str] = {}
    grew = True
    while grew:
        new = {
            one.name: one.version
            for one in locked
            if one.counts(python, target) and (one.name in asked or one.via & wanted.keys())
        }
        grew = new.keys() != wanted.keys()
        wanted = new
    return wanted


def _download(folder: Path, python: str, target: str, pins: Iterable[str]) -> None:
    platforms = [word for platform in PLATFORMS[target] for word in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--implementation", "cp", "--python-version", python, *platforms]
    _run([*command, "--dest", str(folder), *pins])


def _unpack(wheel: Path, libs: Path) -> None:
    """Unpack the modules that are loaded, and the licences."""
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            path = PurePosixPath(info.filename)
            if info.is_dir() or not _is_wanted(path):
                continue
            to = libs / path
            if not to.exists():
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(archive.read(info))


def _is_wanted(path: PurePosixPath) -> bool:
    if path.parts[0].endswith(".dist-info"):
        return (
            path.name in ("METADATA", "entry_points.txt")
            or "licen" in str(path).lower()
            or "copying" in path.name.lower()
        )
    if path.parts[0].endswith(".data") or path.suffix in LEFT_OUT_SUFFIXES:
        return False
    if path.parts[:2] == EXAMPLES:
        # The states of the examples depend on all of their files.
        return True
    return not any(part in LEFT_OUT for part in path.parts[:-1])


def _size(folder: Path) -> tuple[int, int]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)


if __name__ == "__main__":
    main()
