"""The agents of a user: the programs that a run may start, from the user's own file and from no workspace."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, cast, get_args

import msgspec

from planmark.plans.model import Role
from planmark.run.attempts import ResultForm
from planmark.text.similarity import most_similar

FILE_NAME = "agents.toml"
CONFIG_VARIABLE = "PLANMARK_CONFIG"
"""The environment variable that overrides the folder of the user's configuration."""
MAX_BYTES = 1_000_000
PromptWay = Literal["stdin", "file", "argument"]
PLACEHOLDERS = ("model", "tier", "mcp", "prompt", "worktree", "lease", "budget_usd", "session")
OPTIONAL_PLACEHOLDERS = frozenset({"model", "mcp", "budget_usd", "session"})
"""Placeholders that may have no value; their arguments are then left out."""
PLACEHOLDER_PATTERN = re.compile(r"\{([A-Za-z_]\w*)\}")
DEFAULT_ENV = ("PATH", "HOME", "USER", "SHELL", "LANG", "LC_*", "TZ", "TMPDIR", "XDG_*")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\*?")
_AGENT_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")
MAX_SECONDS = 86_400.0
StructT = TypeVar("StructT", bound=msgspec.Struct)
MAX_TIERS = 3


class AgentFileError(Exception):
    """The user's file of agents cannot be used. The message names the file, the line or the key, and what to do."""


class AgentProgram(msgspec.Struct, frozen=True, kw_only=True):
    """A program that does steps. Times are in seconds.

    `command` has placeholders. `resume` are arguments that are added to `command` when a second attempt continues
    the session of the first. `models` has the model of each tier. `env` are names of variables, `NAME` or `PREFIX*`.
    """

    name: str
    command: tuple[str, ...]
    resume: tuple[str, ...] = ()
    prompt: PromptWay = "stdin"
    result: ResultForm = "exit"
    roles: tuple[Role, ...] = get_args(Role)
    models: Mapping[int, str] = {}
    timeout: float = 2700.0
    idle: float = 600.0
    linger: float = 30.0
    env: tuple[str, ...] = DEFAULT_ENV
    max_parallel: int = 1


class RunTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The user's limits of every run. `review` says whether agents may review, or a person only."""

    review: Literal["person", "agent"] = "person"
    max_cost_usd: float | None = None
    max_attempts: int = 2


class AgentFile(NamedTuple):
    """The user's file: its path, its agents by name in their order, and the limits of every run."""

    path: Path
    agents: Mapping[str, AgentProgram]
    terms: RunTerms


def agent_file_path() -> Path:
    """Return the path of the user's file of agents, which may not exist. Raises AgentFileError for a relative folder.

    A relative folder would be inside the current folder, which may be a workspace.
    """
    if config_path := os.environ.get(CONFIG_VARIABLE):
        path = Path(config_path) / FILE_NAME
    else:
        import platformdirs

        path = platformdirs.user_config_path("planmark", appauthor=False) / FILE_NAME
    if not path.is_absolute():
        raise AgentFileError(f"the folder of {path} is relative: give {CONFIG_VARIABLE} a whole path")
    return path


def read_agents(path: Path, workspace: Path | None = None) -> AgentFile:
    """Return the agents of a file. Raises AgentFileError, also for a file that a different user could write.

    A file inside `workspace` is refused, because a workspace must not decide which programs are started.
    """
    return agents_of(_user_file_text(path, workspace), path)


def agents_of(text: str, path: Path) -> AgentFile:
    """Return the agents in the text of a file. `path` is only for messages. Raises AgentFileError."""
    value = _parsed_toml(text, path)
    try:
        _refuse_unknown_keys("", value, ("agents", "run"))
        tables = value.get("agents", {})
        if not isinstance(tables, dict):
            raise _WrongEntryError("", "agents", "`agents` is a table of agents: write [agents.NAME]")
        agents = {name: _agent_program(name, table) for name, table in tables.items()}
        return AgentFile(path, agents, _run_terms(value.get("run", {})))
    except _WrongEntryError as error:
        line = _line_of(text, error.table, error.key)
        where = f"{path}:{line}" if line else str(path)
        raise AgentFileError(f"{where}: {error}") from None


def command_of(agent: AgentProgram, values: Mapping[str, str], *, resumes: bool = False) -> tuple[str, ...]:
    """Return the command line of an agent, with every placeholder replaced once; no shell reads it.

    If an argument has a placeholder without a value ("" or absent), the argument is left out. An option directly before
    an argument that is nothing but such a placeholder is left out too. Raises KeyError for a missing value of any other
    placeholder.
    """
    arguments: list[str] = []
    for argument in (*agent.command, *(agent.resume if resumes else ())):
        names = PLACEHOLDER_PATTERN.findall(argument)
        if any(name in OPTIONAL_PLACEHOLDERS and not values.get(name) for name in names):
            if PLACEHOLDER_PATTERN.fullmatch(argument) and len(arguments) > 1 and arguments[-1].startswith("-"):
                arguments.pop()
            continue
        arguments.append(PLACEHOLDER_PATTERN.sub(lambda match: values[match[1]], argument))
    return tuple(arguments)


class _WrongEntryError(Exception):
    """An entry of the file is wrong. `table` is the name of its table, and `key` the name of the entry."""

    def __init__(self, table: str, key: str, message: str) -> None:
        super().__init__(message)
        self.table, self.key = table, key


def _user_file_text(path: Path, workspace: Path | None) -> str:
    """Return the text of the user's file. Raises AgentFileError if it is unusable, or if others can write it."""
    try:
        resolved_path = path.resolve()
        if workspace is not None and resolved_path.is_relative_to(workspace.resolve()):
            raise AgentFileError(
                f"{path} is inside the workspace {workspace}: a workspace must not decide which programs are started. "
                f"Move the file, or unset {CONFIG_VARIABLE}"
            )
        descriptor = os.open(resolved_path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as stream:
            _refuse_foreign(resolved_path, os.fstat(descriptor), resolved_path.parent.stat())
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise AgentFileError(f"{path} has more than {MAX_BYTES:,} bytes: it is not read")
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        raise AgentFileError(
            f"{path} does not exist, so no agent can be started. `planmark run --preset claude` prints an entry for it"
        ) from None
    except UnicodeDecodeError as error:
        raise AgentFileError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise AgentFileError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _refuse_foreign(path: Path, status: os.stat_result, folder: os.stat_result) -> None:
    """Raise AgentFileError unless a regular file belongs to the user, and no other user may write or replace it."""
    if not stat.S_ISREG(status.st_mode):
        raise AgentFileError(f"{path} is not a regular file: it is not read")
    if sys.platform == "win32":
        return
    if status.st_uid != os.geteuid():
        raise AgentFileError(
            f"{path} belongs to a different user: it must be your own. Copy it, and move the copy there"
        )
    if status.st_mode & 0o022:
        raise AgentFileError(f"{path} can be written by other users: run `chmod go-w {path}`")
    if folder.st_mode & 0o022 and not folder.st_mode & stat.S_ISVTX:
        raise AgentFileError(f"{path.parent} can be written by other users: run `chmod go-w {path.parent}`")


def _parsed_toml(text: str, path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise AgentFileError(f"{path} is not valid TOML: {error}") from None


def _agent_program(name: str, table: Any) -> AgentProgram:
    table_name = f"agents.{name}"
    if not _AGENT_NAME.fullmatch(name):
        raise _WrongEntryError(
            table_name, "", f"`{name[:80]}` is not a name of an agent: 1 to 32 letters, digits, `-` and `_`"
        )
    if not isinstance(table, dict):
        raise _WrongEntryError("agents", name, f"`{table_name}` is a table: write [agents.{name}]")
    _refuse_unknown_keys(table_name, table, tuple(field for field in AgentProgram.__struct_fields__ if field != "name"))
    values = dict(table)
    for key in ("timeout", "idle", "linger"):
        if key in values:
            values[key] = _seconds(table_name, key, values[key])
    if "models" in values:
        values["models"] = _models(table_name, values["models"])
    if "command" not in values:
        raise _WrongEntryError(
            table_name, "", f"`{table_name}` has no `command`: the program and its arguments, as a list"
        )
    agent = _converted(table_name, {"name": name, **values}, AgentProgram)
    _refuse_command(table_name, agent)
    if wrong_entry := next((entry for entry in agent.env if not _ENV_NAME.fullmatch(entry)), None):
        raise _WrongEntryError(
            table_name, "env", f"`{wrong_entry}` in `{table_name}.env` is not the name of a variable, or `PREFIX*`"
        )
    if not 1 <= agent.max_parallel <= 100:
        raise _WrongEntryError(
            table_name, "max_parallel", f"`{table_name}.max_parallel` is 1 to 100, not {agent.max_parallel}"
        )
    return agent


def _run_terms(table: Any) -> RunTerms:
    if not isinstance(table, dict):
        raise _WrongEntryError("", "run", "`run` is a table: write [run]")
    _refuse_unknown_keys("run", table, RunTerms.__struct_fields__)
    terms = _converted("run", table, RunTerms)
    if not 1 <= terms.max_attempts <= 20:
        raise _WrongEntryError("run", "max_attempts", f"`run.max_attempts` is 1 to 20, not {terms.max_attempts}")
    if terms.max_cost_usd is not None and not 0 <= terms.max_cost_usd < float("inf"):
        raise _WrongEntryError("run", "max_cost_usd", f"`run.max_cost_usd` is an amount, not {terms.max_cost_usd}")
    return terms


def _refuse_command(table_name: str, agent: AgentProgram) -> None:
    """Raise _WrongEntryError for a command that cannot be started, or whose placeholders do not fit the prompt."""
    if not agent.command or not agent.command[0]:
        raise _WrongEntryError(table_name, "command", f"`{table_name}.command` is empty: it begins with the program")
    program = agent.command[0]
    if PLACEHOLDER_PATTERN.search(program):
        raise _WrongEntryError(
            table_name, "command", f"the program of `{table_name}.command` has a placeholder: write its name"
        )
    if os.path.basename(program) != program and not os.path.isabs(program):  # noqa: PTH117, PTH119  # texts, not paths
        raise _WrongEntryError(
            table_name,
            "command",
            f"the program `{program}` of `{table_name}.command` would be searched in the folder of the agent: "
            "write its name, or its whole path",
        )
    used_placeholders = {
        name for argument in (*agent.command, *agent.resume) for name in PLACEHOLDER_PATTERN.findall(argument)
    }
    for name in sorted(used_placeholders - {*PLACEHOLDERS}):
        similar_name = most_similar(name, PLACEHOLDERS)
        hint = (
            f"; did you mean {{{similar_name}}}?"
            if similar_name
            else f". There are {', '.join(f'{{{placeholder}}}' for placeholder in PLACEHOLDERS)}"
        )
        raise _WrongEntryError(
            table_name, "command", f"`{table_name}.command` has the unknown placeholder {{{name}}}{hint}"
        )
    for argument in (*agent.command, *agent.resume):
        if "\0" in argument:
            raise _WrongEntryError(
                table_name, "command", f"`{table_name}.command` has an argument with a NUL character"
            )
    has_prompt = any("prompt" in PLACEHOLDER_PATTERN.findall(argument) for argument in agent.command)
    if agent.prompt == "stdin" and "prompt" in used_placeholders:
        advice = 'write prompt = "file" or "argument"'
        raise _WrongEntryError(
            table_name,
            "command",
            f"`{table_name}.command` has {{prompt}}, and the prompt goes to standard input: {advice}",
        )
    if agent.prompt != "stdin" and not has_prompt:
        raise _WrongEntryError(table_name, "command", f"`{table_name}.command` has no {{prompt}}: write {{prompt}}")


def _refuse_unknown_keys(table: str, value: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in value:
        if key not in keys:
            similar_key = most_similar(key, keys)
            hint = f"did you mean `{similar_key}`?" if similar_key else f"there are {', '.join(keys)}"
            name = f"{table}.{key}" if table else key
            raise _WrongEntryError(table, key, f"unknown key `{name}`; {hint}")


def _converted(table_name: str, values: Mapping[str, Any], kind: type[StructT]) -> StructT:
    try:
        return msgspec.convert(values, kind, strict=True)
    except msgspec.ValidationError as error:
        match = re.search(r"^(.*) - at `\$\.(\w+)(\[.*\])?`$", str(error))
        key, reason = (match[2], match[1]) if match else ("", str(error))
        raise _WrongEntryError(table_name, key, f"`{table_name}.{key}`: {_reason(kind, key, reason)}") from None


def _reason(kind: type[msgspec.Struct], key: str, reason: str) -> str:
    """Return a reason of msgspec in the words of the file, with the values that a key may have."""
    struct_fields = msgspec.structs.fields(kind)
    choices = next((get_args(field.type) for field in struct_fields if field.name == key), ())
    words = [choice for choice in choices if isinstance(choice, str)] or [
        word for choice in choices for word in get_args(choice) if isinstance(word, str)
    ]
    enum_match = re.search(r"Invalid enum value '(.*)'", reason)
    if enum_match and words:
        similar_word = most_similar(enum_match[1], words)
        return f"`{enum_match[1]}` is not one of {', '.join(words)}" + (
            f"; did you mean `{similar_word}`?" if similar_word else ""
        )
    type_words = {"int": "a whole number", "float": "a number", "str": "text", "array": "a list", "object": "a table"}
    return re.sub(r"`(\w+)`", lambda match: type_words.get(match[1], match[1]), reason).lower()


def _seconds(table_name: str, key: str, value: Any) -> float:
    """Return a time such as "45m" or "1h30m" in seconds."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    seconds = (
        sum(float(part or 0) * unit for part, unit in zip(match.groups(), (3600, 60, 1), strict=True)) if match else 0
    )
    if not 0 < seconds <= MAX_SECONDS:
        raise _WrongEntryError(
            table_name,
            key,
            f'`{table_name}.{key}` is a time of at most 24 hours, such as "45m", "90s" or "1h30m", not {value!r}',
        )
    return cast(float, seconds)


def _models(table_name: str, value: Any) -> dict[int, str]:
    """Return tier → model. TOML has texts as keys."""
    tiers = [str(tier) for tier in range(1, MAX_TIERS + 1)]
    if not isinstance(value, dict) or not all(isinstance(model, str) and model for model in value.values()):
        raise _WrongEntryError(
            table_name, "models", f'`{table_name}.models` has a model for each tier: {{ 1 = "haiku" }}'
        )
    if wrong_tier := next((tier for tier in value if tier not in tiers), None):
        raise _WrongEntryError(
            table_name, "models", f"`{table_name}.models` has the tier `{wrong_tier}`: there are {', '.join(tiers)}"
        )
    return {int(tier): model for tier, model in value.items()}


def _line_of(text: str, table: str, key: str) -> int:
    """Return the line (1-based) of a key, else of its table; 0 if neither is found in the usual notation."""
    lines = list(_table_lines(text))
    for number, head, name in lines:
        if head == table and name == key:
            return number
    return next((number for number, head, _ in lines if head == table), 0)


def _table_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each line that begins a table or has a key: its number, the name of its table, and its key or ""."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = match[1].replace('"', "").replace("'", "").replace(" ", "")
            yield number, table, ""
        elif match := re.match(r"""\s*["']?([\w-]+)["']?\s*=""", line):
            yield number, table, match[1]
