"""The name under which an agent holds leases and signs documents."""

from __future__ import annotations

from collections.abc import Mapping

from planmark.cli.options import AGENT_VARIABLE
from planmark.text.lazy_pattern import lazy_pattern

MAX_AGENT_NAME_CHARACTERS = 64
SESSION_VARIABLES = ("CLAUDE_CODE_SESSION_ID",)
"""The environment variables in which a host of agents gives the id of its session."""
CODEX_METADATA_KEY = "x-codex-turn-metadata"
"""A key in the metadata of a call of a tool. Under this key, the host Codex gives the id of its session."""
_AGENT_NAME = lazy_pattern(rf"[A-Za-z0-9._@-]{{1,{MAX_AGENT_NAME_CHARACTERS}}}")
_INVALID_IN_NAME = lazy_pattern(r"[^A-Za-z0-9._@-]+")
_SESSION_ID_LENGTH = 6
"""Number of characters of the id of a session that the name of an agent contains."""


class AgentNameError(Exception):
    """A text is not a name of an agent. The message says which characters a name may have."""


def checked_agent_name(text: str) -> str:
    """Return a name that an agent or a user gave, unchanged. Raises AgentNameError if the name is not valid."""
    if not _AGENT_NAME.fullmatch(text):
        raise AgentNameError(
            f"a name has 1 to {MAX_AGENT_NAME_CHARACTERS} characters, only letters, digits and `-_.@`, because files and commits contain it: "
            "choose such a name"
        )
    return text


def agent_name(
    name_in_call: str | None,
    name_in_options: str | None,
    environment: Mapping[str, str],
    client: str,
    metadata: Mapping[str, object],
    pid: int,
) -> str:
    """Return the name of the agent that calls a tool or a command, from the first source that gives a name.

    The sources have this order: the argument of the call, the value of `--agent`, the environment, the client with the
    id of its session, and the id of the process. `client` is the name that the client gives itself; "" if it gives no
    name. `metadata` is the metadata of the call. Raises AgentNameError for an invalid name from one of the first three
    sources.
    """
    for name in (name_in_call, name_in_options, environment.get(AGENT_VARIABLE)):
        if name:
            return checked_agent_name(name)
    session = _session_id(environment, metadata)
    if client and session:
        session_part = _INVALID_IN_NAME.sub("", session)[:_SESSION_ID_LENGTH]
        client_part = _INVALID_IN_NAME.sub("-", client).strip("-")[: MAX_AGENT_NAME_CHARACTERS - _SESSION_ID_LENGTH - 1]
        if client_part and session_part:
            return f"{client_part}-{session_part}"
    return f"agent-{pid}"


def _session_id(environment: Mapping[str, str], metadata: Mapping[str, object]) -> str:
    turn_metadata = metadata.get(CODEX_METADATA_KEY)
    codex_session = turn_metadata.get("session_id") if isinstance(turn_metadata, Mapping) else None
    return str(codex_session or next(filter(None, map(environment.get, SESSION_VARIABLES)), ""))
