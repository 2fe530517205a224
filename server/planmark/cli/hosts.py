"""The hosts of agents. Each has a file with an entry for `planmark mcp`, and some have a command that writes the entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from planmark.text.json_spans import json_places

NAME = "planmark"
"""The name of the program, and of its entry in the file of a host."""
_COMMAND: Mapping[str, Any] = {"command": NAME, "args": ["mcp"]}


class AgentHost(NamedTuple):
    """A host. `file` is relative to the workspace, or begins with `~/`. `key` is the member of the file with all servers.

    `command` is the host's own command that writes the file; "" if the host has no such command. `snippet` is the text
    for a file that is not JSON; "" for JSON, where `entry` is the value to add.
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
    """The file of a host has a different entry of the same name. `entry_text` is the entry in the file, as JSON."""

    def __init__(self, entry_text: str) -> None:
        super().__init__(entry_text)
        self.entry_text = entry_text


class NotMergedError(Exception):
    """The file of a host is no JSON object, or has comments. The message says what is wrong."""


def snippet_of(host: AgentHost) -> str:
    """Return the text for the file of a host that has no other servers."""
    return host.snippet or _json_text({host.key: {NAME: host.entry}})


def merged_text(text: str, host: AgentHost) -> str | None:
    """Return the text of a host's file with the entry added, and everything else unchanged.

    Return None if the file already has the same entry.

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
        raise EntryTakenError(_json_text({NAME: servers[NAME]}))
    config = {**value, host.key: {**servers, NAME: host.entry}}
    has_servers = host.key in value
    path = (host.key,) if has_servers else ()
    member = {NAME: host.entry} if has_servers else {host.key: {NAME: host.entry}}
    new_text = _with_member(text, json_places(text)[path].end - 1, member, len(path) + 1)
    if list(json.loads(new_text)) != list(config) or json.loads(new_text) != config:
        raise NotMergedError("has the same name twice in one object")
    return new_text


def _with_member(text: str, index: int, member: Mapping[str, Any], depth: int) -> str:
    """Return a JSON text with `member` added at the end of the object that is closed at `index`.

    `depth` is the nesting depth of the members of this object.
    """
    line_end = "\r\n" if "\r\n" in text else "\n"
    indent_unit = "\t" if "\n\t" in text else "    " if "\n    " in text and '\n  "' not in text else "  "
    text_before = text[:index].rstrip()
    lines = json.dumps(member, indent=indent_unit, ensure_ascii=False).splitlines()[1:-1]
    body = line_end.join(f"{indent_unit * (depth - 1)}{line}" for line in lines)
    comma = "" if text_before.endswith("{") else ","
    return f"{text_before}{comma}{line_end}{body}{line_end}{indent_unit * (depth - 1)}{text[index:]}"


def _json_text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
