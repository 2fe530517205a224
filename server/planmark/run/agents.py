"""The agents of a user: the programs that a run may start.

They come from the user's own file, and never from a workspace.
"""

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
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.similarity import most_similar

FILE_NAME = "agents.toml"
CONFIG_VARIABLE = "PLANMARK_CONFIG"
"""The environment variable that overrides the folder of the user's configuration."""
MAX_FILE_BYTES = 1_000_000
"""Maximum size of the user's file in bytes."""
PromptWay = Literal["stdin", "file", "argument"]
"""The way in which an agent gets its prompt.

"stdin" means on standard input. With "file", an argument is the path of a file with the prompt. With "argument", an
argument is the prompt itself.
"""
PLACEHOLDERS = ("model", "tier", "mcp", "prompt", "worktree", "lease", "budget_usd", "session")
"""The placeholders that a command line of an agent may contain, in braces."""
OPTIONAL_PLACEHOLDERS = frozenset({"model", "mcp", "budget_usd", "session"})
"""Placeholders that may have no value. An argument whose placeholder has no value is left out."""
PLACEHOLDER_PATTERN = lazy_pattern(r"\{([A-Za-z_]\w*)\}")
DEFAULT_ENV = ("PATH", "HOME", "USER", "SHELL", "LANG", "LC_*", "TZ", "TMPDIR", "XDG_*")
"""Names of the environment variables that an agent gets if its entry in the file has no `env`."""
_ENV_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*\*?")
_AGENT_NAME = lazy_pattern(r"[A-Za-z0-9_-]{1,32}")
_DURATION = lazy_pattern(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")
"""A time such as `45m` or `1h30m`."""
MAX_SECONDS = 86_400.0
"""Maximum of each time limit of an agent, in seconds."""
StructT = TypeVar("StructT", bound=msgspec.Struct)
HIGHEST_MODEL_TIER = 3
"""The highest tier for which an agent may name a model. The lowest tier is 1."""


class AgentFileError(Exception):
    """The user's file of agents cannot be used. The message names the file, the line or the key, and the remedy."""


class AgentProgram(msgspec.Struct, frozen=True, kw_only=True):
    """A program that does steps. Times are in seconds.

    `command` is the command line, with placeholders. `resume` are the arguments that are added to `command` if an
    attempt continues the session of an earlier attempt. `prompt` is the way in which the agent gets its prompt, and
    `result` the form of its result. `models` maps a tier to a model. `timeout` limits the whole attempt. `idle` limits
    the time without output or a change. `linger` is the time that the agent may run after its result. `env` names the
    environment variables that the agent gets: `NAME`, or `PREFIX*` for all names with a prefix. `max_parallel` is
    the maximum number of attempts at the same time.
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
    """The user's limits of every run. `review` says whether agents may review, or only a person.

    `max_cost_usd` is the budget of a run in US dollars (None: no limit). `max_attempts` is the maximum number of
    attempts of one step.
    """

    review: Literal["person", "agent"] = "person"
    max_cost_usd: float | None = None
    max_attempts: int = 2


class AgentFile(NamedTuple):
    """The content of the user's file at `path`. `terms` are the limits of every run.

    `agents` maps the name of each agent to its program, in the order of the file.
    """

    path: Path
    agents: Mapping[str, AgentProgram]
    terms: RunTerms


def agent_file_path() -> Path:
    """Return the path of the user's file of agents, which may not exist. Raises AgentFileError if the path is relative.

    A relative path would be inside the current folder, which may be a workspace.
    """
    if config_path := os.environ.get(CONFIG_VARIABLE):
        path = Path(config_path) / FILE_NAME
    else:
        import platformdirs

        path = platformdirs.user_config_path("planmark", appauthor=False) / FILE_NAME
    if not path.is_absolute():
        raise AgentFileError(f"the folder of {path} is relative: give {CONFIG_VARIABLE} a whole path")
    return path


def read_agent_file(path: Path, workspace: Path | None = None) -> AgentFile:
    """Return the content of the user's file of agents. Raises AgentFileError.

    A file that a different user can write is refused. So is a file inside `workspace`, because a workspace must not
    decide which programs are started.
    """
    return parse_agent_file(_user_file_text(path, workspace), path)


def parse_agent_file(text: str, path: Path) -> AgentFile:
    """Return the content of the user's file, whose text is `text`. `path` is only for messages. Raises AgentFileError."""
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
    """Return the command line of an agent, in which values replace the placeholders. No shell reads it.

    `values` maps the name of a placeholder to its value. A placeholder inside a value is not replaced. If `resumes` is
    True, the arguments `agent.resume` are added. If an optional placeholder has no value ("" or absent), its argument
    is left out. If the argument is only the placeholder, an option directly before the argument is left out too. Raises
    KeyError if any other placeholder has no value.
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
    """An entry of the user's file is wrong.

    `table` is the name of the table of the entry, and `key` the key of the entry.
    """

    def __init__(self, table: str, key: str, message: str) -> None:
        super().__init__(message)
        self.table, self.key = table, key


def _user_file_text(path: Path, workspace: Path | None) -> str:
    """Return the text of the user's file. Raises AgentFileError.

    The file must be readable, outside of `workspace`, and safe from changes by a different user.
    """
    try:
        resolved_path = path.resolve()
        if workspace is not None and resolved_path.is_relative_to(workspace.resolve()):
            raise AgentFileError(
                f"{path} is inside the workspace {workspace}: a workspace must not decide which programs are started. "
                f"Move the file, or unset {CONFIG_VARIABLE}"
            )
        descriptor = os.open(resolved_path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as stream:
            _refuse_foreign_file(resolved_path, os.fstat(descriptor), resolved_path.parent.stat())
            data = stream.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise AgentFileError(f"{path} has more than {MAX_FILE_BYTES:,} bytes: it is not read")
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        raise AgentFileError(
            f"{path} does not exist, so no agent can be started. `planmark run --preset claude` prints an entry for it"
        ) from None
    except UnicodeDecodeError as error:
        raise AgentFileError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise AgentFileError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _refuse_foreign_file(path: Path, file_status: os.stat_result, folder_status: os.stat_result) -> None:
    """Raise AgentFileError unless `path` is a regular file of the user that no other user can write or replace.

    On Windows, the owner and the permissions are not checked.
    """
    if not stat.S_ISREG(file_status.st_mode):
        raise AgentFileError(f"{path} is not a regular file: it is not read")
    if sys.platform == "win32":
        return
    if file_status.st_uid != os.geteuid():
        raise AgentFileError(
            f"{path} belongs to a different user: it must be your own. Copy it, and move the copy there"
        )
    if file_status.st_mode & 0o022:
        raise AgentFileError(f"{path} can be written by other users: run `chmod go-w {path}`")
    if folder_status.st_mode & 0o022 and not folder_status.st_mode & stat.S_ISVTX:
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
    """Return the agent that the table `[agents.NAME]` describes; `name` is NAME. Raises _WrongEntryError."""
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
    agent = _struct_of_table(table_name, {"name": name, **values}, AgentProgram)
    _refuse_wrong_command(table_name, agent)
    if wrong_variable := next((entry for entry in agent.env if not _ENV_NAME.fullmatch(entry)), None):
        raise _WrongEntryError(
            table_name, "env", f"`{wrong_variable}` in `{table_name}.env` is not the name of a variable, or `PREFIX*`"
        )
    if not 1 <= agent.max_parallel <= 100:
        raise _WrongEntryError(
            table_name, "max_parallel", f"`{table_name}.max_parallel` is 1 to 100, not {agent.max_parallel}"
        )
    return agent


def _run_terms(table: Any) -> RunTerms:
    """Return the limits that the table `[run]` describes. Raises _WrongEntryError."""
    if not isinstance(table, dict):
        raise _WrongEntryError("", "run", "`run` is a table: write [run]")
    _refuse_unknown_keys("run", table, RunTerms.__struct_fields__)
    terms = _struct_of_table("run", table, RunTerms)
    if not 1 <= terms.max_attempts <= 20:
        raise _WrongEntryError("run", "max_attempts", f"`run.max_attempts` is 1 to 20, not {terms.max_attempts}")
    if terms.max_cost_usd is not None and not 0 <= terms.max_cost_usd < float("inf"):
        raise _WrongEntryError("run", "max_cost_usd", f"`run.max_cost_usd` is an amount, not {terms.max_cost_usd}")
    return terms


def _refuse_wrong_command(table_name: str, agent: AgentProgram) -> None:
    """Raise _WrongEntryError if the command of an agent cannot be started, or has wrong placeholders. The placeholder
    for the prompt must fit `agent.prompt`.
    """
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


def _refuse_unknown_keys(table_name: str, values: Mapping[str, Any], known_keys: tuple[str, ...]) -> None:
    """Raise _WrongEntryError if `values`, the content of a table, has a key that `known_keys` does not have."""
    for key in values:
        if key not in known_keys:
            similar_key = most_similar(key, known_keys)
            hint = f"did you mean `{similar_key}`?" if similar_key else f"there are {', '.join(known_keys)}"
            name = f"{table_name}.{key}" if table_name else key
            raise _WrongEntryError(table_name, key, f"unknown key `{name}`; {hint}")


def _struct_of_table(table_name: str, values: Mapping[str, Any], kind: type[StructT]) -> StructT:
    """Return the values of a table as an object of the type `kind`. Raises _WrongEntryError."""
    try:
        return msgspec.convert(values, kind, strict=True)
    except msgspec.ValidationError as error:
        match = re.search(r"^(.*) - at `\$\.(\w+)(\[.*\])?`$", str(error))
        key, reason = (match[2], match[1]) if match else ("", str(error))
        raise _WrongEntryError(
            table_name, key, f"`{table_name}.{key}`: {_reason_in_toml_words(kind, key, reason)}"
        ) from None


def _reason_in_toml_words(kind: type[msgspec.Struct], key: str, reason: str) -> str:
    """Return the reason why msgspec refuses the value of `key`, in the words of a TOML file.

    `reason` is the message of msgspec, and `kind` the type of the table. If the key allows only certain words, the
    result lists them.
    """
    struct_fields = msgspec.structs.fields(kind)
    choices = next((get_args(field.type) for field in struct_fields if field.name == key), ())
    known_words = [choice for choice in choices if isinstance(choice, str)] or [
        word for choice in choices for word in get_args(choice) if isinstance(word, str)
    ]
    enum_match = re.search(r"Invalid enum value '(.*)'", reason)
    if enum_match and known_words:
        similar_word = most_similar(enum_match[1], known_words)
        return f"`{enum_match[1]}` is not one of {', '.join(known_words)}" + (
            f"; did you mean `{similar_word}`?" if similar_word else ""
        )
    type_words = {"int": "a whole number", "float": "a number", "str": "text", "array": "a list", "object": "a table"}
    return re.sub(r"`(\w+)`", lambda match: type_words.get(match[1], match[1]), reason).lower()


def _seconds(table_name: str, key: str, value: Any) -> float:
    """Return the number of seconds of a time such as "45m" or "1h30m". Raises _WrongEntryError."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    seconds = (
        sum(
            float(amount or 0) * unit_seconds
            for amount, unit_seconds in zip(match.groups(), (3600, 60, 1), strict=True)
        )
        if match
        else 0
    )
    if not 0 < seconds <= MAX_SECONDS:
        raise _WrongEntryError(
            table_name,
            key,
            f'`{table_name}.{key}` is a time of at most 24 hours, such as "45m", "90s" or "1h30m", not {value!r}',
        )
    return cast(float, seconds)


def _models(table_name: str, value: Any) -> dict[int, str]:
    """Return a mapping from tier to model. In TOML, the tiers are texts. Raises _WrongEntryError."""
    tiers = [str(tier) for tier in range(1, HIGHEST_MODEL_TIER + 1)]
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
    """Return the line (1-based) of `key` in the table `table`; the line of the table if the key is not found.

    Return 0 if neither is found.
    """
    lines = list(_table_and_key_lines(text))
    for number, line_table, line_key in lines:
        if line_table == table and line_key == key:
            return number
    return next((number for number, line_table, _ in lines if line_table == table), 0)


def _table_and_key_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield a tuple for each line that begins a table or has a key.

    It holds the number of the line (1-based), the name of the table, and the key. The key is "" for a line that begins
    a table.
    """
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = match[1].replace('"', "").replace("'", "").replace(" ", "")
            yield number, table, ""
        elif match := re.match(r"""\s*["']?([\w-]+)["']?\s*=""", line):
            yield number, table, match[1]
