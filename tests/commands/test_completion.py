"""The words that a completion proposes, and how shells read and write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from fixture import settle, write_files
from planmark.cli.command_table import COMMANDS
from planmark.cli.commands.completion import SCRIPTS, SEPARATORS_VARIABLE, WORD_SEPARATOR, WORDS_VARIABLE
from planmark.cli.completion.command_words import command_words, command_words_text
from planmark.cli.completion.shell_words import (
    TypedLine,
    quote_for_bash,
    quote_for_powershell,
    read_bash_line,
)
from planmark.cli.completion.words import COMMAND_WORDS_PATH, NameSource, PossibleWord, possible_words
from planmark.cli.help_topics import TOPIC_NAMES
from planmark.cli.main import main

SEPARATORS = " \t\n\"'@><=;|&(:"
"""COMP_WORDBREAKS of bash."""
SOURCE = NameSource(
    lambda workspace: [PossibleWord("PAY"), PossibleWord("PAST"), PossibleWord(f"in {workspace}")],
    lambda _, plan: [PossibleWord("1.1", f"of {plan}"), PossibleWord("1.2"), PossibleWord("2.1")],
)


def proposed(*words: str) -> list[str]:
    """Return the words for a line; the last of `words` is the one at the cursor."""
    return [word.text for word in possible_words(words[:-1], words[-1], SOURCE)]


def test_the_words_are_those_of_the_parsers() -> None:
    written = COMMAND_WORDS_PATH.read_text(encoding="utf-8")
    assert written == command_words_text(command_words()), "run `make completion`"


def test_commands_come_first() -> None:
    assert proposed("") == list(COMMANDS)
    assert proposed("--quiet", "sta") == ["status"]
    assert possible_words((), "why", SOURCE) == [("why", COMMANDS["why"])]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_its_options(command: str) -> None:
    options = proposed(command, "--")
    assert {"--help", "--workspace", "--quiet"} <= {*options}
    assert proposed(command, "--hel") == ["--help"]


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (("graph", "@PAY", "--format", "d"), ["dot"]),
        (("graph", "@PAY", "--format=d"), ["--format=dot"]),
        (("graph", "--no-such=d"), []),
        (("status", "@PA"), ["@PAY", "@PAST"]),
        (("status", "@pay"), ["@PAY"]),
        (("status", "PAS"), ["PAST"]),
        (("status", "@PAY", ""), []),
        (("why", "@PAY", "1."), ["1.1", "1.2"]),
        (("tick", "@PAY", "1.1", ""), ["1.2", "2.1"]),
        (("check", "@PAY", "2"), ["2.1"]),
        (("work", "merge", "@PAS"), ["@PAST"]),
        (("work", "@PAY", "2"), ["2.1"]),
        (("lease", "rel"), ["release"]),
        (("lease", "release", "@PAY", "1.1", "2"), ["2.1"]),
        (("verdict", "fix", "@PAY", "1.2", "--severity", "m"), ["major", "minor"]),
        (("next", "--achievement", "1.1", "@PAY", "--step", "ver"), ["verify"]),
        (("next", "@PAY", "--achievement", "2"), ["2.1"]),
        (("next", "--achievement", ""), []),
        (("next", "--out", ""), []),
        (("next", "--lease", "--role", "rev"), ["reviewer"]),
        (("status", "--plan-format", "op"), ["openspec"]),
        (("help", "su"), ["subplan", "superpowers"]),
        (("help", "verd"), ["verdict"]),
        (("schema", "wav"), ["waves"]),
        (("completion", "f"), ["fish"]),
        (("status", "--", "@PAY"), ["@PAY"]),
        (("status", "--", "--js"), []),
        (("no-such-command", ""), []),
        (("--workspace", "/w", "status", "in"), ["in /w"]),
        (("status", "--workspace=/w", "in"), ["in /w"]),
        (("--workspace", ""), []),
    ],
)
def test_the_place_decides(words: tuple[str, ...], result: list[str]) -> None:
    assert proposed(*words) == result


def test_topics_are_proposed() -> None:
    assert {*TOPIC_NAMES, *COMMANDS} == {*proposed("help", "")}


def test_names_with_control_characters_are_left_out() -> None:
    odd = NameSource(
        lambda _: [PossibleWord("a\nb"), PossibleWord("a\x1b[2J"), PossibleWord("a\u202eb"), PossibleWord("ab")],
        SOURCE.items,
    )
    assert [word.text for word in possible_words(("status",), "@", odd)] == ["@ab"]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("planmark ", TypedLine(["planmark"], "", 0, "")),
        ("planmark  st", TypedLine(["planmark"], "st", 0, "")),
        ("planmark why @PAY", TypedLine(["planmark", "why"], "@PAY", 0, "")),
        ("planmark g --format=d", TypedLine(["planmark", "g"], "--format=d", 9, "")),
        ("planmark why @X :12", TypedLine(["planmark", "why", "@X"], ":12", 1, "")),
        ("planmark status @two\\ wo", TypedLine(["planmark", "status"], "@two wo", 0, "")),
        ('planmark status "@two wo', TypedLine(["planmark", "status"], "@two wo", 0, '"')),
        ("planmark status @'two wo", TypedLine(["planmark", "status"], "@two wo", 1, "'")),
        ('planmark status "a b" c', TypedLine(["planmark", "status", "a b"], "c", 0, "")),
        ('planmark status "\\$(x)\\n', TypedLine(["planmark", "status"], "$(x)\\n", 0, '"')),
        ("planmark status ''", TypedLine(["planmark", "status"], "", 0, "")),
        ("planmark status a\\", TypedLine(["planmark", "status"], "a", 0, "")),
    ],
)
def test_a_line_of_bash_is_read_without_expansion(line: str, read: TypedLine) -> None:
    assert read_bash_line(line, SEPARATORS) == read


@pytest.mark.parametrize(
    ("text", "quote", "written"),
    [
        ("@PAY-2", "", "@PAY-2"),
        ("two words", "", "two\\ words"),
        ("$(x)`y`", "", "\\$\\(x\\)\\`y\\`"),
        ("~/x;y&z", "", "\\~/x\\;y\\&z"),
        ("läßt", "", "läßt"),
        ('a"$b!', '"', 'a\\"\\$b"\'!\'"'),
        ("o'clock", "'", "o'\\''clock"),
    ],
)
def test_bash_gets_words_that_it_takes_literally(text: str, quote: str, written: str) -> None:
    assert quote_for_bash(text, quote) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("status", "status"),
        ("--format=dot", "--format=dot"),
        ("@PAY", "'@PAY'"),
        ("$(x) o'clock", "'$(x) o''clock'"),
        ("a\u2019; x", "'a\u2019\u2019; x'"),
        ("", "''"),
    ],
)
def test_powershell_gets_words_that_it_takes_literally(text: str, written: str) -> None:
    assert quote_for_powershell(text) == written


def from_script(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shell: str, *words: str) -> str:
    """Return what the script of a shell gets for a line. Nothing goes to standard error."""
    line = " ".join(words) if shell == "bash" else WORD_SEPARATOR.join(words)
    monkeypatch.setenv(WORDS_VARIABLE, line)
    monkeypatch.setenv(SEPARATORS_VARIABLE, SEPARATORS)
    capsys.readouterr()
    assert main(["completion", "--words", shell], use_cache=True) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


PLAN = """# PLAN: Pay

**Status**: In Progress

## Goal

Pay.

**Achievement 1.1**: Pay by card

**Achievement 1.2**: Pay \x1b[2Jlater
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    write_files(
        root,
        {
            "work-space/plans/PAY/PLAN_PAY.md": PLAN,
            "openspec/changes/two words/tasks.md": "# Tasks\n\n- [ ] 1.1 Read\n- [ ] Write\n",
            "openspec/changes/a\nb/tasks.md": "# Tasks\n\n- [ ] 1.1 Read\n",
            "specs/001-$(touch pwned)/tasks.md": "- [ ] T001 Read\n",
        },
    )
    monkeypatch.chdir(root)
    return settle(root)


@pytest.mark.parametrize(
    ("shell", "written"),
    [
        ("bash", ["@001-\\$\\(touch\\ pwned\\)", "@PAY", "@two\\ words"]),
        ("zsh", ["@001-$(touch pwned)", "@PAY", "@two words"]),
        ("fish", ["@001-$(touch pwned)", "@PAY", "@two words"]),
        ("powershell", ["'@001-$(touch pwned)'", "'@PAY'", "'@two words'"]),
    ],
)
def test_plans_of_all_formats_are_proposed(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shell: str, written: list[str]
) -> None:
    before = sorted(workspace.rglob("*"))
    for _ in range(2):
        lines = from_script(monkeypatch, capsys, shell, "planmark", "status", "").splitlines()
        assert [line.partition("\t")[0] for line in lines] == written
    assert sorted(workspace.rglob("*")) == before


def test_items_are_proposed_with_their_states(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = from_script(monkeypatch, capsys, "fish", "planmark", "why", "@PAY", "")
    assert shown == "1.1\tno subplan: Pay by card\n1.2\tno subplan: Pay \\x1b[2Jlater\n"
    refs = from_script(monkeypatch, capsys, "bash", "planmark", "tick", "'@two words'", ":")
    assert refs.startswith("4-") and len(refs.splitlines()) == 1
    plan = workspace / "work-space/plans/PAY/PLAN_PAY.md"
    by_path = from_script(monkeypatch, capsys, "fish", "planmark", "why", str(plan), "")
    assert by_path == shown
    plan.write_text(f"{PLAN}\n**Achievement 1.3**: Pay back\n", encoding="utf-8")
    assert "1.3\t" in from_script(monkeypatch, capsys, "fish", "planmark", "why", "@PAY", "")


def test_a_second_completion_reads_no_file(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [("planmark", "status", ""), ("planmark", "why", "@PAY", "")]
    first = [from_script(monkeypatch, capsys, "zsh", *line) for line in lines]
    monkeypatch.setattr("planmark.cli.workspace_access.open_workspace", None)
    assert [from_script(monkeypatch, capsys, "zsh", *line) for line in lines] == first
    assert workspace.is_dir() and all(first)


@pytest.mark.parametrize(
    "words",
    [
        ("planmark", "status", "@"),
        ("planmark", "--workspace", "/no/such/folder", "status", ""),
        ("planmark", "--workspace", "\0", "status", ""),
        ("planmark", "why", "@NONE", ""),
        ("planmark", "why", "", ""),
        (),
    ],
)
@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_an_error_gives_no_word(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    shell: str,
    words: Sequence[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if any("\0" in word for word in words):
        words = [word.replace("\0", "\x01") for word in words]
    shown = from_script(monkeypatch, capsys, shell, *words)
    assert shown == "" or not words
    monkeypatch.delenv(WORDS_VARIABLE)
    assert main(["completion", "--words", shell]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_a_script_is_printed(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"completion --words {shell}" in script
    assert f"planmark completion {shell}" in script
    assert script.isascii() and "\r" not in script


def test_the_shell_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion"]) == 2
    assert "planmark completion bash|zsh|fish|powershell" in capsys.readouterr().err
    assert main(["completion", "fsh"]) == 2
    assert "did you mean fish?" in capsys.readouterr().err


def test_the_script_of_powershell_passes_words_only_in_the_variable() -> None:
    script = (COMMAND_WORDS_PATH.parent / "scripts" / SCRIPTS["powershell"]).read_text(encoding="utf-8")
    calls = [line.strip() for line in script.splitlines() if "& $program" in line]
    assert len(calls) == 1 and calls[0].startswith("& $program completion --words powershell 2>$null |")
    assert "$env:PLANMARK_WORDS = $words -join [string][char]0x1f" in script
    assert "Invoke-Expression" not in "".join(line for line in script.splitlines() if not line.startswith("#"))
    assert script.count("{") == script.count("}") and script.count("(") == script.count(")")


def test_the_table_is_small() -> None:
    assert len(json.dumps(json.loads(COMMAND_WORDS_PATH.read_text(encoding="utf-8")))) < 40_000
