"""The command `verdict` in processes of its own: on a terminal, and several at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixture import write_files
from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.verdict import Verdict
from state_helpers import judged

P = "work-space/plans/PAY"
F = f"{P}/execution/feedbacks"
PLAN = "# PLAN: PAY\n\n**Achievement 1.1**: Charge once\n\n**Achievement 1.2**: Refund\n"
DONE = {
    f"{P}/PLAN_PAY.md": PLAN,
    f"{P}/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\nx\n",
    f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": "# T\n\n**Status**: ✅ Complete\n",
}


def facts(name: str, text: str) -> Verdict:
    document = parse(name, text)
    assert document is not None and isinstance(document.facts, Verdict)
    return document.facts


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of its own")
def test_on_a_terminal_an_editor_asks(tmp_path: Path) -> None:
    import pty

    write_files(tmp_path, DONE)
    editor = tmp_path / "editor.sh"
    editor.write_text('#!/bin/sh\nprintf "minor: slow\\n" >> "$1"\n', encoding="utf-8")
    editor.chmod(0o755)
    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "planmark", "--workspace", str(tmp_path)]
    command += ["verdict", "fix", "@PAY", "1.1", "--reviewer", "Ada"]
    environment = {**os.environ, "VISUAL": str(editor)}
    try:
        done = subprocess.run(
            command, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, env=environment, check=False, timeout=120
        )
    finally:
        os.close(terminal)
        os.close(master)
    assert done.returncode == 0
    text = (tmp_path / F / "FIX_11.md").read_text("utf-8")
    assert [(issue.severity, issue.title) for issue in facts("FIX_11.md", text).issues] == [("minor", "**slow**")]
    assert "#" not in text.replace("# FIX REQUIRED", "").replace("## Minor Issues", "")


def test_several_at_once_each_get_what_they_ask_for_or_write_nothing(tmp_path: Path) -> None:
    write_files(tmp_path, DONE)
    command = [sys.executable, "-m", "planmark", "--workspace", str(tmp_path), "verdict"]
    asked = [
        [*command, decision, "@PAY", "1.1", "--reviewer", f"R{number}", *more]
        for number in range(4)
        for decision, more in (("approve", ["--force", "--note", "x"]), ("fix", ["--note", "x"]))
    ]
    running = [subprocess.Popen(known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for known in asked]
    ended = [(process.communicate(timeout=300)[0].strip(), process.returncode) for process in running]
    written = [path for path, code in ended if code == 0]
    assert len(set(written)) == len(written)
    assert sorted(written) == sorted(f"{F}/{path.name}" for path in (tmp_path / F).glob("*.md"))
    assert all(not path for path, code in ended if code)
    rounds = sorted(int(path.rpartition("_R")[2].removesuffix(".md")) if "_R" in path else 1 for path in written)
    assert rounds == list(range(1, len(written) + 1)), "each of another round"
    last = max(written, key=lambda path: int(path.rpartition("_R")[2].removesuffix(".md")) if "_R" in path else 1)
    state = judged(tmp_path, {}).achievements[0].state
    assert state == ("approved" if "APPROVED" in last else "needs_fix")
