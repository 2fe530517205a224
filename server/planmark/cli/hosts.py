"""The hosts of agents: the programs in which agents run, such as Claude Code.

Each host reads a file in which an entry names `planmark mcp`. Some hosts have a command that writes this entry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from planmark.text.json_spans import json_spans_by_path

PROGRAM_NAME = "planmark"
"""The name of the program, and of its entry in the file of a host."""
_SERVER_COMMAND: Mapping[str, Any] = {"command": PROGRAM_NAME, "args": ["mcp"]}


class AgentHost(NamedTuple):
    """A host of agents, with its file.

    `file` is the path of the file: relative to the workspace, or with `~/` at its beginning. `key` is the member of
    the file that contains all MCP servers. `entry` is the value that Planmark adds to this member.

    `command` is the host's own command that writes the file; "" if the host has no such command. `snippet` is the text
    to add if the file is not JSON; "" if the file is JSON.
    """

    title: str
    file: str
    key: str = "mcpServers"
    entry: Mapping[str, Any] = _SERVER_COMMAND
    command: str = ""
    snippet: str = ""


AGENT_HOSTS: dict[str, AgentHost] = {
    "claude": AgentHost(
        "Claude Code",
        ".mcp.json",
        entry={"type": "stdio", **_SERVER_COMMAND, "env": {}},
        command="claude mcp add -s project planmark -- planmark mcp",
    ),
    "vscode": AgentHost(
        "VS Code", ".vscode/mcp.json", "servers", {"type": "stdio", **_SERVER_COMMAND, "cwd": "${workspaceFolder}"}
    ),
    "cursor": AgentHost("Cursor", ".cursor/mcp.json"),
    "codex": AgentHost(
        "Codex",
        ".codex/config.toml",
        command="codex mcp add planmark -- planmark mcp",
        snippet='[mcp_servers.planmark]\ncommand = "planmark"\nargs = ["mcp"]\n',
    ),
    "gemini": AgentHost("Gemini CLI", ".gemini/settings.json", entry={**_SERVER_COMMAND, "env": {}, "timeout": 60_000}),
    "opencode": AgentHost(
        "OpenCode", "opencode.json", "mcp", {"type": "local", "command": [PROGRAM_NAME, "mcp"], "enabled": True}
    ),
    "copilot": AgentHost(
        "Copilot CLI", "~/.copilot/mcp-config.json", entry={"tools": ["*"], "type": "local", **_SERVER_COMMAND}
    ),
    "zed": AgentHost(
        "Zed", "~/.config/zed/settings.json", "context_servers", {"source": "custom", **_SERVER_COMMAND, "env": {}}
    ),
}
"""Mapping from the name of a host on the command line to the host."""


class EntryTakenError(Exception):
    """The file of a host already has a different entry with the name `planmark`.

    `entry_text` is the entry in the file, as JSON.
    """

    def __init__(self, entry_text: str) -> None:
        super().__init__(entry_text)
        self.entry_text = entry_text


class NotMergedError(Exception):
    """No entry can be added to the file of a host, for example if it is no JSON. The message says what is wrong."""


def snippet_of(host: AgentHost) -> str:
    """Return the whole text of a host's file in which Planmark is the only server."""
    return host.snippet or _json_text({host.key: {PROGRAM_NAME: host.entry}})


def merged_text(text: str, host: AgentHost) -> str | None:
    """Return `text`, the current text of a host's file, with the entry of Planmark added.

    Everything else in the text stays unchanged. Return None if the text already has the same entry. Raises
    EntryTakenError if the text has a different entry with this name. Raises NotMergedError if no entry can be added.
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
    if PROGRAM_NAME in servers:
        if servers[PROGRAM_NAME] == host.entry:
            return None
        raise EntryTakenError(_json_text({PROGRAM_NAME: servers[PROGRAM_NAME]}))
    value_with_entry = {**value, host.key: {**servers, PROGRAM_NAME: host.entry}}
    has_servers = host.key in value
    path = (host.key,) if has_servers else ()
    member = {PROGRAM_NAME: host.entry} if has_servers else {host.key: {PROGRAM_NAME: host.entry}}
    new_text = _with_member(text, json_spans_by_path(text)[path].end - 1, member, len(path) + 1)
    if list(json.loads(new_text)) != list(value_with_entry) or json.loads(new_text) != value_with_entry:
        raise NotMergedError("has the same name twice in one object")
    return new_text


def _with_member(text: str, close_index: int, member: Mapping[str, Any], depth: int) -> str:
    """Return a JSON text with `member` added at the end of the object whose `}` is at `close_index`.

    `depth` is the nesting depth of the members of this object.
    """
    line_end = "\r\n" if "\r\n" in text else "\n"
    indent_unit = "\t" if "\n\t" in text else "    " if "\n    " in text and '\n  "' not in text else "  "
    text_before = text[:close_index].rstrip()
    lines = json.dumps(member, indent=indent_unit, ensure_ascii=False).splitlines()[1:-1]
    body = line_end.join(f"{indent_unit * (depth - 1)}{line}" for line in lines)
    comma = "" if text_before.endswith("{") else ","
    return f"{text_before}{comma}{line_end}{body}{line_end}{indent_unit * (depth - 1)}{text[close_index:]}"


def _json_text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
