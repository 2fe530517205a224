"""The hosts of agents, and how each is told of `planmark mcp`: its file, its entry there, and its own command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from planmark.text.json_spans import json_places

NAME = "planmark"
_COMMAND: Mapping[str, Any] = {"command": NAME, "args": ["mcp"]}


class AgentHost(NamedTuple):
    """A host. `file` is relative to the workspace, or begins with `~/`. `key` is the member of the file with all servers.

    `command` is the host's own command, which writes the file; "" if there is none. Without `entry`, `snippet` is the
    text for a file that is no JSON.
    """

    title: str
    file: str
    key: str = "mcpServers"
    entry: Mapping[str, Any] = _COMMAND
    command: str = ""
    snippet: str = ""


HOSTS: dict[str, AgentHost] = {
    "claude": AgentHost(
        "Claude Code",
        ".mcp.json",
        entry={"type": "stdio", **_COMMAND, "env": {}},
        command="claude mcp add -s project planmark -- planmark mcp",
    ),
    "vscode": AgentHost(
        "VS Code", ".vscode/mcp.json", "servers", {"type": "stdio", **_COMMAND, "cwd": "${workspaceFolder}"}
    ),
    "cursor": AgentHost("Cursor", ".cursor/mcp.json"),
    "codex": AgentHost(
        "Codex",
        ".codex/config.toml",
        command="codex mcp add planmark -- planmark mcp",
        snippet='[mcp_servers.planmark]\ncommand = "planmark"\nargs = ["mcp"]\n',
    ),
    "gemini": AgentHost("Gemini CLI", ".gemini/settings.json", entry={**_COMMAND, "env": {}, "timeout": 60_000}),
    "opencode": AgentHost(
        "OpenCode", "opencode.json", "mcp", {"type": "local", "command": [NAME, "mcp"], "enabled": True}
    ),
    "copilot": AgentHost(
        "Copilot CLI", "~/.copilot/mcp-config.json", entry={"tools": ["*"], "type": "local", **_COMMAND}
    ),
    "zed": AgentHost(
        "Zed", "~/.config/zed/settings.json", "context_servers", {"source": "custom", **_COMMAND, "env": {}}
    ),
}
"""Name → host."""


class EntryTakenError(Exception):
    """The file of a host has a different entry of the same name. `there` is that entry as JSON."""

    def __init__(self, entry_text: str) -> None:
        super().__init__(entry_text)
        self.there = entry_text


class NotMergedError(Exception):
    """The file of a host is no JSON object, or has comments. The message says what is wrong."""


def snippet_of(host: AgentHost) -> str:
    """Return the text for the file of a host, with nothing else in it."""
    return host.snippet or _json({host.key: {NAME: host.entry}})


def merged_text(text: str, host: AgentHost) -> str | None:
    """Return the text of a host's file with the entry, everything else unchanged; None if it has the same entry.

    Raises EntryTakenError and NotMergedError.
    """
    if not text.strip():
        return snippet_of(host)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotMergedError(f"is no JSON, or has comments ({error})") from None
    servers = value.get(host.key, {}) if isinstance(value, dict) else None
    if not isinstance(servers, dict):
        raise NotMergedError("is not an object" if servers is None else f"has a `{host.key}` that is not an object")
    if NAME in servers:
        if servers[NAME] == host.entry:
            return None
        raise EntryTakenError(_json({NAME: servers[NAME]}))
    config = {**value, host.key: {**servers, NAME: host.entry}}
    is_there = host.key in value
    path = (host.key,) if is_there else ()
    member = {NAME: host.entry} if is_there else {host.key: {NAME: host.entry}}
    after = _with_member(text, json_places(text)[path].end - 1, member, len(path) + 1)
    if list(json.loads(after)) != list(config) or json.loads(after) != config:
        raise NotMergedError("has the same name twice in one object")
    return after


def _with_member(text: str, index: int, member: Mapping[str, Any], depth: int) -> str:
    """Return a JSON text with a member at the end of the object that is closed at `index`, whose members have a
    depth.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    unit = "\t" if "\n\t" in text else "    " if "\n    " in text and '\n  "' not in text else "  "
    before = text[:index].rstrip()
    lines = json.dumps(member, indent=unit, ensure_ascii=False).splitlines()[1:-1]
    body = end.join(f"{unit * (depth - 1)}{line}" for line in lines)
    comma = "" if before.endswith("{") else ","
    return f"{before}{comma}{end}{body}{end}{unit * (depth - 1)}{text[index:]}"


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
