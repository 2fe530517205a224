"""The user's file of agents: what it may say, and who may write it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from planmark.run.agents import (
    CONFIG_VARIABLE,
    AgentFileError,
    AgentProgram,
    agent_file_path,
    command_of,
    parse_agent_file,
    read_agent_file,
)
from planmark.run.presets import PRESETS

HERE = Path("agents.toml")
LIMITS = '[run]\nreview = "person"\nmax_cost_usd = 20.0\nmax_attempts = 2\n'
ENTRY = '[agents.a]\ncommand = ["agent", "-p"]\n'
VALUES = {
    "model": "opus",
    "tier": "3",
    "mcp": "/x/mcp.json",
    "prompt": "do it",
    "worktree": "/w",
    "lease": "lse_1",
    "budget_usd": "2.5",
    "session": "5e55",
}


def agent(entry: str) -> AgentProgram:
    """Return the agent `a` with an entry besides its command."""
    return parse_agent_file(ENTRY + entry, HERE).agents["a"]


def test_the_example_of_the_documentation_is_read() -> None:
    text = PRESETS["claude"] + LIMITS
    file = parse_agent_file(text, HERE)
    claude = file.agents["claude"]
    assert (claude.prompt, claude.result, claude.timeout, claude.linger) == ("stdin", "claude-json", 2700, 30)
    assert claude.models == {1: "haiku", 2: "sonnet", 3: "opus"} and claude.max_parallel == 3
    assert (file.terms.review, file.terms.max_cost_usd, file.terms.max_attempts) == ("person", 20.0, 2)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_an_entry_of_its_name(name: str) -> None:
    (program,) = parse_agent_file(PRESETS[name], HERE).agents.values()
    assert program.name == name and "PATH" in program.env
    assert not any("{" in argument for argument in command_of(program, VALUES))
    without = command_of(program, {"prompt": "p", "worktree": "/w"})
    assert "--model" not in without and "-m" not in without and "--max-budget-usd" not in without


def test_an_entry_needs_only_its_command() -> None:
    program = agent("")
    assert (program.name, program.command, program.prompt, program.result) == ("a", ("agent", "-p"), "stdin", "exit")
    assert parse_agent_file("", HERE).agents == {}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("agent = 1\n", 1, "unknown key `agent`; did you mean `agents`?"),
        ("[agents.a]\ncomand = []\n", 2, "unknown key `agents.a.comand`; did you mean `command`?"),
        ("\n[agents.a]\n", 2, "`agents.a` has no `command`"),
        ("[agents.a]\ncommand = []\n", 2, "is empty"),
        ("[agents.a]\ncommand = 'x -p'\n", 2, "a list"),
        ('[agents.a]\ncommand = ["x", 1]\n', 2, "text"),
        ('[agents."a b"]\ncommand = ["x"]\n', 0, "is not a name of an agent"),
        ('[agents.a]\ncommand = ["./x"]\n', 2, "searched in the folder of the agent"),
        ('[agents.a]\ncommand = ["bin/x"]\n', 2, "searched in the folder of the agent"),
        ('[agents.a]\ncommand = ["{model}"]\n', 2, "has a placeholder"),
        ('[agents.a]\ncommand = ["x", "{modle}"]\n', 2, "unknown placeholder {modle}; did you mean {model}?"),
        ('[agents.a]\ncommand = ["x", "{home}"]\n', 2, "unknown placeholder {home}. There are {model}"),
        ('[agents.a]\ncommand = ["x", "{prompt}"]\n', 2, 'write prompt = "file" or "argument"'),
        ('[agents.a]\ncommand = ["x"]\nprompt = "file"\n', 2, "has no {prompt}"),
        ('[agents.a]\ncommand = ["x"]\nresume = ["{prompt}"]\nprompt = "file"\n', 2, "has no {prompt}"),
        ('[agents.a]\ncommand = ["x"]\nresume = ["{prompt}"]\n', 2, "goes to standard input"),
        ('[agents.a]\ncommand = ["x\\u0000"]\n', 2, "NUL"),
        (ENTRY + 'prompt = "stdn"\n', 3, "`stdn` is not one of stdin, file, argument; did you mean `stdin`?"),
        (ENTRY + 'result = "claude"\n', 3, "did you mean `claude-json`?"),
        (ENTRY + 'roles = ["exekutor"]\n', 3, "did you mean `executor`?"),
        (ENTRY + "timeout = 45\n", 3, '"45m"'),
        (ENTRY + 'idle = "10 minutes"\n', 3, '"45m"'),
        (ENTRY + 'linger = "0s"\n', 3, '"45m"'),
        (ENTRY + 'timeout = "25h"\n', 3, "at most 24 hours"),
        (ENTRY + 'models = { 4 = "x" }\n', 3, "the tier `4`"),
        (ENTRY + 'models = "x"\n', 3, "a model for each tier"),
        (ENTRY + 'env = ["A=B"]\n', 3, "`A=B`"),
        (ENTRY + "max_parallel = 0\n", 3, "1 to 100"),
        (ENTRY + "\n[run]\nmax_atempts = 1\n", 5, "did you mean `max_attempts`?"),
        ('[run]\nreview = "agents"\n', 2, "did you mean `agent`?"),
        ("[run]\nmax_attempts = 0\n", 2, "1 to 20"),
        ("[run]\nmax_cost_usd = nan\n", 2, "is an amount"),
        ("[run]\nmax_cost_usd = -1\n", 2, "is an amount"),
        ("agents = 1\n", 1, "write [agents.NAME]"),
        ("[agents]\na = 1\n", 2, "write [agents.a]"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(AgentFileError) as raised:
        parse_agent_file(text, HERE)
    assert str(raised.value).startswith(f"agents.toml:{line}: " if line else "agents.toml: ")
    assert words in str(raised.value)


def test_a_file_that_is_not_toml_is_named_with_the_place() -> None:
    with pytest.raises(AgentFileError, match=r"agents\.toml is not valid TOML: .*line 1"):
        parse_agent_file("[agents.a\n", HERE)


@pytest.mark.parametrize(
    ("text", "seconds"), [("45m", 2700), ("90s", 90), ("1h30m", 5400), ("0.5s", 0.5), ("24h", 86400), ("1m1s", 61)]
)
def test_times_have_units(text: str, seconds: float) -> None:
    assert agent(f'timeout = "{text}"\n').timeout == seconds


def test_placeholders_are_replaced_once_and_within_arguments() -> None:
    program = AgentProgram(
        name="a", command=("x", "--model={model}", "{prompt}", '{"a": {}}', "{worktree}/{lease}"), prompt="argument"
    )
    values = {**VALUES, "prompt": "{model} $(id)\n--flag"}
    assert command_of(program, values) == ("x", "--model=opus", "{model} $(id)\n--flag", '{"a": {}}', "/w/lse_1")


def test_an_argument_without_its_value_is_left_out() -> None:
    program = AgentProgram(name="a", command=("x", "--model", "{model}", "-b={budget_usd}", "--yes", "{lease}"))
    assert command_of(program, {"lease": "l", "model": ""}) == ("x", "--yes", "l")
    assert command_of(AgentProgram(name="a", command=("x", "{model}")), {}) == ("x",)


def test_a_second_attempt_may_resume_a_session() -> None:
    program = AgentProgram(name="a", command=("x",), resume=("--resume", "{session}"))
    assert command_of(program, VALUES) == ("x",)
    assert command_of(program, VALUES, resumes=True) == ("x", "--resume", "5e55")
    assert command_of(program, {}, resumes=True) == ("x",)


def own_file(folder: Path, text: str = ENTRY) -> Path:
    """Return a file of the user's own."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "agents.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_the_file_is_in_the_folder_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path))
    assert agent_file_path() == tmp_path / "agents.toml"
    monkeypatch.delenv(CONFIG_VARIABLE)
    monkeypatch.chdir(tmp_path)
    default = agent_file_path()
    assert default.is_absolute() and "planmark" in default.parts and tmp_path not in default.parents


@pytest.mark.parametrize("folder", [".", "config", "../config"])
def test_a_relative_folder_is_refused(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    monkeypatch.setenv(CONFIG_VARIABLE, folder)
    with pytest.raises(AgentFileError, match="is relative"):
        agent_file_path()


def test_the_users_file_is_read(tmp_path: Path) -> None:
    path = own_file(tmp_path / "config")
    file = read_agent_file(path, tmp_path / "workspace")
    assert file.path == path and list(file.agents) == ["a"]


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(AgentFileError, match=r"does not exist.*planmark run --preset"):
        read_agent_file(tmp_path / "agents.toml")


@pytest.mark.skipif(sys.platform == "win32", reason="the permissions of POSIX")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = own_file(tmp_path / "config")
    path.chmod(mode)
    with pytest.raises(AgentFileError, match=r"can be written by other users: run `chmod go-w"):
        read_agent_file(path)


@pytest.mark.skipif(sys.platform == "win32", reason="the permissions of POSIX")
def test_a_file_that_others_can_replace_is_refused(tmp_path: Path) -> None:
    path = own_file(tmp_path / "config")
    path.parent.chmod(0o777)
    with pytest.raises(AgentFileError, match="config can be written by other users"):
        read_agent_file(path)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_a_different_user_is_refused(tmp_path: Path) -> None:
    path = own_file(tmp_path / "config")
    os.chown(path, 12345, 12345)
    with pytest.raises(AgentFileError, match="belongs to a different user"):
        read_agent_file(path)


def test_a_file_in_the_workspace_is_refused_also_behind_a_link(tmp_path: Path) -> None:
    inside = own_file(tmp_path / "workspace")
    link = tmp_path / "config" / "agents.toml"
    link.parent.mkdir()
    link.symlink_to(inside)
    for path in (inside, link):
        with pytest.raises(AgentFileError, match="is inside the workspace"):
            read_agent_file(path, tmp_path / "workspace")


@pytest.mark.parametrize(("content", "words"), [(b"\xff\xfe", "is not UTF-8"), (b"#" * 1_000_001, "it is not read")])
def test_a_file_that_cannot_be_text_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = own_file(tmp_path / "config")
    path.write_bytes(content)
    with pytest.raises(AgentFileError, match=words):
        read_agent_file(path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir(mode=0o700)
    os.mkfifo(folder / "agents.toml", 0o600)
    with pytest.raises(AgentFileError, match="is not a regular file"):
        read_agent_file(folder / "agents.toml")
