"""One of many processes that work on one workspace at once. It prints each error that it finds on a line.

    python concurrent_processes.py ROLE NUMBER ROOT LOG

It ends when the folder of LOG holds a file `stop`. It adds a line to LOG for each change that has certainly been made.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from planmark.cli.main import main
from planmark.workspace.atomic_write import WriteError, rewrite_file

PLANS = 6
SHORT, LONG = 5, 9
"""The plan P0 has one of these two numbers of achievements, and never a different number."""


def plan_path(number: int) -> str:
    """Return the path of a plan."""
    return f"work-space/plans/P{number}/PLAN_P{number}.md"


def plan_text(number: int, achievements: int = LONG) -> str:
    """Return the text of a plan whose status contradicts its files, so that `check --fix` has something to fix."""
    ids = [f"1.{n}" for n in range(1, achievements + 1)]
    index = "".join(f"- Achievement {known}: Part {known}\n" for known in ids)
    bodies = "".join(f"**Achievement {known}**: Part {known}\n\n- Effort: 1 hour\n\n" for known in ids)
    return f"# PLAN: P{number}\n\n**Status**: In Progress\n\n## Achievement Index\n\n{index}\n{bodies}## Notes\n\n"


def ask(*arguments: str) -> tuple[int, str, str]:
    """Return the exit code, standard output and standard error of a command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["--workspace", str(ROOT), *arguments])
    return code, out.getvalue(), err.getvalue()


def read(number: int) -> None:
    """Run the commands that read, and print each answer that cannot be true."""
    code, out, err = ask("status", "--json", "--all")
    plans = json.loads(out)["workspaces"][0]["plans"]
    counts = {plan["feature"]: len(plan["achievements"]) for plan in plans}
    if counts.keys() != {f"P{n}" for n in range(PLANS)}:
        print(f"status shows the plans {sorted(counts)}")
    if counts.get("P0") not in (SHORT, LONG) or any(counts.get(f"P{n}") != LONG for n in range(1, PLANS)):
        print(f"status shows a plan in part: {counts}")
    code, out, err = ask("next", f"@P{number % PLANS}", "--json")
    if code not in (0, 3, 4):
        print(f"next ends with {code}: {err}")
    code, out, err = ask("check", "--format", "json")
    if code not in (0, 1) or any(d["code"].startswith("file-") for d in json.loads(out)["diagnostics"]):
        print(f"check ends with {code}: {err} {out}")


def append(number: int, turn: int) -> str:
    """Append a line to a plan that other processes append to and that `check --fix` edits; return the line."""
    path = plan_path(1 + (number + turn) % 2)
    while True:
        text = (ROOT / path).read_bytes().decode()
        line = f"- note {number}-{turn}\n"
        try:
            rewrite_file(ROOT, path, text, text + line)
            return line
        except WriteError as error:
            if "changed" not in str(error):
                raise


def write(number: int, turn: int) -> str:
    """Create files that no other role creates, and append a line."""
    plan, known = 3 + (number + turn) % (PLANS - 3), f"1.{1 + turn % LONG}"
    wanted = (
        ("create", "subplan", f"@P{plan}", known),
        ("create", "execution", f"@P{plan}", known),
        ("verdict", "approve", f"@P{plan}", known, "--reviewer", f"writer {number}", "--force", "--note", "crowd"),
    )[turn % 3]
    code, out, err = ask(*wanted)
    if code == 0:
        path = out.splitlines()[-1]
        if not (ROOT / path).read_text(encoding="utf-8").strip():
            print(f"{path} is empty")
    elif not any(word in err for word in ("exists already", "is the SUBPLAN of", "there is no SUBPLAN", "is approved")):
        print(f"{' '.join(wanted)} ends with {code}: {err}")
    return append(number, turn)


def toggle(turn: int) -> None:
    """Give P0 its other length."""
    path = plan_path(0)
    text = (ROOT / path).read_bytes().decode()
    other = plan_text(0, SHORT if turn % 2 else LONG)
    try:
        rewrite_file(ROOT, path, text, other)
    except WriteError as error:
        if "changed" not in str(error):
            raise


def work(role: str, number: int, log: Path) -> None:
    """Repeat the role until the file `stop` exists."""
    roles: dict[str, Callable[[int], str | None]] = {
        "reader": lambda _: read(number),
        "writer": lambda turn: write(number, turn),
        "toggler": toggle,
        "fixer": lambda _: None if ask("check", "--fix")[0] in (0, 1) else print("check --fix has failed"),
    }
    for turn in itertools.count():
        if (log.parent / "stop").exists():
            break
        try:
            done = roles[role](turn)
        except Exception:
            print(f"{role} {number}: {traceback.format_exc()}".replace("\n", " | "), flush=True)
            continue
        with log.open("a", encoding="utf-8") as file:
            file.write(done or f"turn {turn}\n")


if __name__ == "__main__":
    ROOT = Path(sys.argv[3])
    work(sys.argv[1], int(sys.argv[2]), Path(sys.argv[4]))
