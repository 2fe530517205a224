"""Completion in the shells themselves: keys are typed in a terminal, and the shell says which arguments it would pass."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixture import settle, write_files

if sys.platform == "win32":
    pytest.skip("Windows has no terminals of this kind", allow_module_level=True)

from shell_driver import ShellTerminal, environment_with

HOSTILE = ("two words", "o'clock", "$(touch pwned)", "`touch pwned`", 'say "hi" !x', "semi;touch pwned", "a\nb", "*")
"""Names of changes that a shell would run, split or expand if they were not quoted."""
START = {
    "bash": ("--norc", "--noprofile", "-i"),
    "zsh": ("-f", "-i"),
    "fish": ("--no-config", "-i"),
}
SETUP = {
    "bash": 'probe() { printf "<%s>" "$@"; echo; }; eval "$(planmark completion bash)"; echo REA""DY',
    "zsh": 'autoload -Uz compinit && compinit -u -D; probe() { printf "<%s>" "$@"; echo; }; '
    'eval "$(planmark completion zsh)"; echo REA""DY',
    "fish": 'function probe; printf "<%s>" $argv; echo; end; planmark completion fish | source; echo REA""DY',
}
"""Shell → the line that loads the completion and defines `probe`, which shows its arguments."""
TO_BEGIN = "\x01"
"""The key that moves the cursor to the beginning of the line."""
TYPED = (
    ("planmark sta\t", ["status"]),
    ("planmark --work\topen\t", ["--workspace", "openspec"]),
    ("planmark graph @two\t--format=d\t", ["graph", "@two words", "--format=dot"]),
    ("planmark why @two\t1.2\t", ["why", "@two words", "1.2"]),
    ("planmark status tw\t", ["status", "two words"]),
    ('planmark status "@tw\t', ["status", "@two words"]),
    ("planmark status '@o\t", ["status", "@o'clock"]),
    ("planmark status @o\t", ["status", "@o'clock"]),
    ("planmark status @\\$\t", ["status", "@$(touch pwned)"]),
    ("planmark status @\\`\t", ["status", "@`touch pwned`"]),
    ('planmark status "@say\t', ["status", '@say "hi" !x']),
    ("planmark status '@say\t", ["status", '@say "hi" !x']),
    ("planmark status @say\t", ["status", '@say "hi" !x']),
    ("planmark status @semi\t", ["status", "@semi;touch pwned"]),
    ("planmark status @\\*\t", ["status", "@*"]),
    ("planmark help subp\t", ["help", "subplan"]),
)
"""Keys → the arguments of the line that the shell makes of them."""


def workspace_in(folder: Path) -> Path:
    """Make a workspace whose plans have hostile names."""
    root = folder / "workspace"
    tasks = "# Tasks\n\n- [ ] 1.1 Do it\n- [ ] 1.2 Do more\n"
    write_files(root, {"planmark.toml": ""} | {f"openspec/changes/{name}/tasks.md": tasks for name in HOSTILE})
    return settle(root)


@pytest.mark.parametrize("shell", sorted(START))
def test_a_shell_takes_each_name_literally(tmp_path: Path, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    root = workspace_in(tmp_path)
    for name in ("bin", "home"):
        (tmp_path / name).mkdir()
    before = sorted(root.rglob("*"))
    environment = environment_with(tmp_path / "bin", tmp_path / "home")
    with ShellTerminal([program, *START[shell]], root, environment) as terminal:
        terminal.type(f"{SETUP[shell]}\n")
        terminal.wait_for(r"READY\n")
        for keys, arguments in TYPED:
            terminal.type(f"{keys}{TO_BEGIN}probe \n")
            shown = terminal.wait_for(r"(?:<[^\n]*>)+\n")[0].strip()
            # Some shells write a slash behind the name of a folder.
            shown = shown.replace("openspec/", "openspec")
            assert shown == "".join(f"<{word}>" for word in ("planmark", *arguments)), keys
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("shell", sorted(START))
def test_a_shell_runs_nothing_of_a_line_that_is_completed(tmp_path: Path, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    root = workspace_in(tmp_path)
    for name in ("bin", "home"):
        (tmp_path / name).mkdir()
    with ShellTerminal(
        [program, *START[shell]], root, environment_with(tmp_path / "bin", tmp_path / "home")
    ) as terminal:
        terminal.type(f"{SETUP[shell]}\n")
        terminal.wait_for(r"READY\n")
        terminal.type('planmark status "$(touch pwned)" $(touch pwned) (touch pwned) --js\t\x15probe over\n')
        terminal.wait_for(r"<over>\n")
        if shell == "bash":
            # The other shells complete the command inside of this substitution.
            terminal.type(f'planmark status "@$(\t{TO_BEGIN}probe \n')
            assert terminal.wait_for(r"(?:<[^\n]*>)+\n")[0].strip() == "<planmark><status><@$(touch pwned)>"
    assert list(root.rglob("pwned")) == []


def test_powershell_takes_each_name_literally(tmp_path: Path) -> None:
    program = shutil.which("pwsh")
    if program is None:
        pytest.skip("pwsh is not installed")
    root = workspace_in(tmp_path)
    for name in ("bin", "home"):
        (tmp_path / name).mkdir()
    environment = {**os.environ, **environment_with(tmp_path / "bin", tmp_path / "home")}
    environment["PATH"] = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    code = (
        "planmark completion powershell | Out-String | Invoke-Expression; "
        "$line = 'planmark status '; "
        "(TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object { $_.CompletionText }"
    )
    run = subprocess.run(
        [program, "-NoProfile", "-Command", code], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    names = sorted(name for name in HOSTILE if name.isprintable())
    assert run.stdout.splitlines() == ["'@" + name.replace("'", "''") + "'" for name in names]
    assert list(root.rglob("pwned")) == []


LARGE = ("msgspec", "tree_sitter", "planmark.cli.console", "planmark.plans.model", "planmark.workspace.index")


@pytest.mark.parametrize("words", [["planmark", ""], ["planmark", "status", "--"], ["planmark", "status", "@"]])
def test_a_warm_completion_loads_nothing_large(tmp_path: Path, words: list[str]) -> None:
    root = workspace_in(tmp_path)
    code = (
        "import sys; from planmark.cli.main import main; code = main(['completion', '--words', 'fish']); "
        f"print(code, *(name for name in {LARGE} if name in sys.modules), file=sys.stderr)"
    )
    environment = {**os.environ, "PLANMARK_WORDS": "\x1f".join(words)}
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=True
        )
    assert run.stderr == "0\n"
    assert re.search(r"^(status|--json|@two words)\t", run.stdout, re.MULTILINE)
