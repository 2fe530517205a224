"""The settings of a workspace, from `planmark.toml`, or from `[tool.planmark]` in `pyproject.toml`.

One table defines all settings.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from planmark.plans.registry import built_in_vocabulary
from planmark.plans.vocabulary import Status, Vocabulary
from planmark.storage.safe_read import NotReadError, read_inside
from planmark.workspace.ignore_patterns import matching_rule, never_matches, patterns_of_setting
from planmark.workspace.setting_values import SettingWarning, ValueKind, read_value, unknown_key_warning

MAX_BYTES, MAX_DOTS_PER_LINE = 1_000_000, 500
"""Maximum bytes of a settings file, and maximum dots per line: the time to parse a key grows with its dots squared."""
FOLDER_LIFECYCLES: tuple[Literal["archived", "paused", "backlog"], ...] = ("archived", "paused", "backlog")
"""The lifecycles that the setting `lifecycle` assigns to folders, in the order in which they are tried."""


class Setting(msgspec.Struct, frozen=True):
    """One setting: its dotted name, the type of its value, its default and its meaning.

    `entries` is a mapping from the allowed keys of a table to the types of their values. `patterns` is "keys" if the
    keys of a table are patterns, and "texts" if the texts in its lists are patterns. A workspace must not set an
    `is_user_only` setting: only the user may. A setting with a `git_key` is set only by this key of `git config`.
    """

    key: str
    type: Any
    default: Any
    means: str
    entries: dict[str, Any] = {}
    patterns: Literal["", "keys", "texts"] = ""
    is_user_only: bool = False
    git_key: str = ""


SeverityLevel = Literal["error", "warning", "information", "hint", "off"]
SizeLimits = Annotated[list[Annotated[int, msgspec.Meta(ge=0)]], msgspec.Meta(min_length=2, max_length=2)]
"""The type of the minimum and the maximum number of lines of a document."""
Tier = Annotated[int, msgspec.Meta(ge=1, le=3)]
"""The type of a tier: the strength of the model that a step needs."""
ModelName = Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[\w .:/@+()-]*\Z")]
"""The type of a model name. Prompts contain this name, so the name is short, without markup and line ends."""
ROLE_SETTING_TYPES: dict[str, Any] = {
    **dict.fromkeys(("strategist", "planner", "designer", "executor", "reviewer"), Tier),
    **dict.fromkeys(("researcher-local", "researcher-web", "security-auditor", "doc-master"), Tier),
    **dict.fromkeys(("1", "2", "3"), ModelName),
}
"""The keys of the setting `roles` with the types of their values: a role has a tier, and a tier has a model name."""

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "archive.folder",
        str,
        "work-space/archive",
        "folder for archived plans without an `Archive Location`; each gets a subfolder",
    ),
    Setting("cache.enable", bool, True, "keep parsed documents in the user's cache folder for the next process"),
    Setting("codeLens.enable", bool, True, "show state, next step and links above each achievement, in editors"),
    Setting("diagnostics.enable", bool, True, "show diagnostics in editors; `planmark check` always shows them"),
    Setting(
        "diagnostics.ignore",
        dict[str, list[str]],
        {},
        "pattern, as in .gitignore → codes that are turned off for matching files; `*` for all",
        patterns="keys",
    ),
    Setting("diagnostics.severity", dict[str, SeverityLevel], {}, "code → severity, or `off`"),
    Setting(
        "diagnostics.sizes",
        dict[Literal["plan", "subplan", "execution_task", "grammaplan", "north_star"], SizeLimits],
        {
            "plan": [0, 900],
            "subplan": [0, 600],
            "execution_task": [0, 200],
            "grammaplan": [0, 1000],
            "north_star": [0, 1500],
        },
        "type of a document → minimum and maximum number of lines",
        dict.fromkeys(("plan", "subplan", "execution_task", "grammaplan", "north_star"), SizeLimits),
    ),
    Setting(
        "files.exclude",
        list[str],
        [],
        "glob patterns, as in .gitignore, of files and folders to leave out",
        patterns="texts",
    ),
    Setting(
        "files.include",
        list[str],
        [],
        "glob patterns, as in .gitignore, of files and folders to read although an ignore file leaves them out",
        patterns="texts",
    ),
    Setting(
        "files.maxBytes",
        Annotated[int, msgspec.Meta(ge=1, le=100_000_000)],
        10_000_000,
        "maximum size of a file; a larger file is reported and not read",
    ),
    Setting(
        "files.nestedCheckouts",
        bool,
        False,
        "read folders with a `.git` of their own (worktrees, clones, submodules)",
    ),
    Setting("files.respectGitignore", bool, True, "leave out what the workspace's .gitignore files ignore"),
    Setting("inlayHints.enable", bool, True, "show the state after each id in the text, in editors"),
    Setting(
        "index.maxFiles",
        Annotated[int, msgspec.Meta(ge=1, le=10_000_000)],
        200_000,
        "maximum number of files; a scan that reaches it says so",
    ),
    Setting(
        "index.processes",
        Annotated[int, msgspec.Meta(ge=0, le=64)],
        0,
        "number of worker processes; 0 for one per core, at most 4; 1 for none",
    ),
    Setting(
        "learn.enable",
        bool,
        True,
        "count in the cache folder which references to earlier work were given, used and followed by progress",
    ),
    Setting(
        "leases.duration",
        Annotated[int, msgspec.Meta(ge=1, le=1440)],
        15,
        "minutes until a lease ends that its agent does not renew",
    ),
    Setting(
        "leases.order",
        Literal["priority", "none"],
        "priority",
        "order of items without declared dependencies: `priority` (by priority, or as written), or `none` (all are ready at once)",
    ),
    Setting(
        "leases.offline",
        Literal["refuse", "local"],
        "refuse",
        "if the remote does not answer: `refuse` leases, or lease on this machine alone (`local`); only `git config planmark.offline` counts",
        is_user_only=True,
        git_key="planmark.offline",
    ),
    Setting("leases.ownReview", bool, False, "let an agent review what it has executed"),
    Setting(
        "leases.perAgent",
        Annotated[int, msgspec.Meta(ge=1, le=20)],
        1,
        "number of leases that one agent may hold at the same time",
    ),
    Setting(
        "leases.remote",
        str,
        "",
        "git remote through which machines share leases; only `git config planmark.remote` counts",
        is_user_only=True,
        git_key="planmark.remote",
    ),
    Setting(
        "leases.unknownFiles",
        Literal["allow", "alone"],
        "allow",
        "`allow` a step whose files no document names at the same time as other steps, or give it to an agent only `alone`",
    ),
    Setting(
        "lifecycle",
        dict[str, list[str]],
        {
            "archived": ["archive/", "archives/"],
            "paused": ["a_paused/", "paused/"],
            "backlog": ["backlog-plans/", "backlog/"],
        },
        "lifecycle → patterns, as in .gitignore, of the folders of its plans; the first match counts, else active",
        dict.fromkeys(FOLDER_LIFECYCLES, list[str]),
        "texts",
    ),
    Setting(
        "metrics.file",
        bool,
        True,
        "log each request, prompt and command in the cache folder, for `planmark metrics`",
    ),
    Setting("metrics.fileBytes", int, 4_000_000, "maximum size of that log; one older log is kept"),
    Setting("metrics.intervalSeconds", int, 10, "seconds between two `planmark/metrics` messages; 0 turns them off"),
    Setting(
        "metrics.port",
        int,
        0,
        "loopback port for Prometheus; 0 for none; only an editor's setting counts",
        is_user_only=True,
    ),
    Setting(
        "metrics.slowRequestMs",
        int,
        2000,
        "log a request that takes longer, with the parts of its time; 0 for none",
    ),
    Setting(
        "prompts.maskSecrets",
        bool,
        True,
        "mask credentials in prompts, and say so; only an editor's setting counts",
        is_user_only=True,
    ),
    Setting("prompts.similar", bool, True, "name similar work and known failures in prompts after a FIX or a block"),
    Setting("prompts.templates", str, "", "folder of the workspace with templates that override the built-in ones"),
    Setting(
        "prompts.commit", bool, True, "prompts ask for one commit with the id of the achievement, in a git repository"
    ),
    Setting("prompts.tokenBudget", int, 8000, "maximum tokens of a prompt and its reading list together"),
    Setting("roles", dict[str, Any], {}, "role → tier (1 to 3), and tier → model name", ROLE_SETTING_TYPES),
    Setting("trace.server", str, "off", "protocol log of the editor: `off`, `messages` or `verbose`"),
    Setting(
        "vocabulary.fields",
        dict[str, list[str]],
        {},
        "canonical header field → more names for it",
        dict.fromkeys(built_in_vocabulary().fields, list[str]),
    ),
    Setting("vocabulary.statuses", dict[str, Status], {}, "more status words → their normal form"),
    Setting(
        "work.folder",
        str,
        "",
        "folder of the worktrees of `planmark work`; default: NAME.planmark beside the repository; only `git config planmark.workFolder` counts",
        is_user_only=True,
        git_key="planmark.workFolder",
    ),
    Setting(
        "work.into",
        str,
        "planmark/{feature}/main",
        "branch into which the work on a plan is integrated; only `git config planmark.workInto` counts",
        is_user_only=True,
        git_key="planmark.workInto",
    ),
)


class Settings(msgspec.Struct, frozen=True):
    """The values of all settings by key, and the warnings. `source` is the file or the client that set the values."""

    values: Mapping[str, Any]
    warnings: tuple[SettingWarning, ...]
    source: str

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


DEFAULTS = Settings({setting.key: setting.default for setting in SETTINGS}, (), "")


def load_settings(root: Path, overrides: Mapping[str, object] | None = None) -> Settings:
    """Return the settings of the workspace at `root`. `overrides` are valid settings by key, which replace these.

    Never raises an error: for an unreadable file, return the defaults with a warning.
    """
    workspace_settings = _workspace_settings(root)
    return Settings(
        {**workspace_settings.values, **(overrides or {})}, workspace_settings.warnings, workspace_settings.source
    )


def _workspace_settings(root: Path) -> Settings:
    """Return the settings of the first settings file of a workspace; the defaults if there is no such file."""
    for name, table in (("planmark.toml", ()), ("pyproject.toml", ("tool", "planmark"))):
        # A `planmark.toml` that is not a file gets a warning below; such a `pyproject.toml` is ignored.
        if not (root / name).is_file() and not (name == "planmark.toml" and os.path.lexists(root / name)):
            continue
        try:
            text = _read_settings_file(root, name)
            if table and "planmark" not in text:
                continue
            data = parse_toml(text)
            for part in table:
                data = data.get(part, {}) if isinstance(data, dict) else data
            if data or not table:
                return read_settings(data, name, of_workspace=True)
        except NotReadError as error:
            return _defaults_with_warning(name, f"it {error}")
        except (OSError, ValueError) as error:
            return _defaults_with_warning(name, str(error))
        except RecursionError:
            return _defaults_with_warning(name, "it is nested too deeply")
    return DEFAULTS


def _read_settings_file(root: Path, name: str) -> str:
    """Return the text of a settings file.

    Raises NotReadError or OSError if the file cannot be read, and ValueError if parsing would take too long.
    """
    data = read_inside(root.resolve(), name, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES:,} bytes")
    text = data.decode("utf-8-sig")
    if any(line.count(".") > MAX_DOTS_PER_LINE for line in text.splitlines()):
        raise ValueError(f"a line has more than {MAX_DOTS_PER_LINE} dots")
    return text


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML. Raises ValueError. Only this function imports the parser: most workspaces have no settings file."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _defaults_with_warning(name: str, why: str) -> Settings:
    """Return the defaults, with a warning that the source `name` cannot be read. `why` is the reason in the warning."""
    return Settings(DEFAULTS.values, (SettingWarning(f"cannot be read, the defaults hold: {why}"),), name)


def client_settings(data: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return two values: the settings of an editor by key, without nulls and defaults, and the texts of warnings."""
    settings = read_settings(_without_nulls(data), "the editor's settings")
    warnings = tuple(f"{settings.source} {warning.message}" for warning in settings.warnings)
    return {key: value for key, value in settings.values.items() if not _is_default(key, value)}, warnings


def _is_default(key: str, value: Any) -> bool:
    is_default: bool = value == DEFAULTS[key]
    return is_default


def _without_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of `data` that contains no null, and no table that is empty or contains only nulls."""
    nested_data = {key: _without_nulls(value) if isinstance(value, dict) else value for key, value in data.items()}
    return {key: value for key, value in nested_data.items() if value is not None and value != {}}


def read_settings(data: Mapping[str, Any], source: str, *, of_workspace: bool = False) -> Settings:
    """Return the settings in parsed data. `source` is the name of the file or the client, for warnings.

    Unknown keys and invalid values give warnings. If `of_workspace`, keys that a workspace must not set also give
    warnings.
    """
    values = dict(DEFAULTS.values)
    warnings: list[SettingWarning] = []
    settings_data = data.get("planmark", data) if isinstance(data, Mapping) else data
    if not isinstance(settings_data, Mapping):
        return _defaults_with_warning(source, f"the settings must be a table, not {str(settings_data)[:40]}")
    for key, value in _flatten_settings(settings_data):
        setting = next((row for row in SETTINGS if row.key == key), None)
        if setting is None:
            warnings.append(unknown_key_warning(key, [row.key for row in SETTINGS]))
            continue
        if (of_workspace and setting.is_user_only) or (setting.git_key and value != setting.default):
            warnings.append(_misplaced_warning(setting))
            continue
        kind = ValueKind(setting.type, setting.entries, setting.patterns, _refuse_unmatchable)
        values[key], setting_warnings = read_value(key, kind, value, setting.default)
        warnings += setting_warnings
        if parse_words := WORD_CHECKERS.get(key):
            values[key], setting_warnings = parse_words(key, values[key])
            warnings += setting_warnings
    return Settings(values, tuple(warnings), source)


def _misplaced_warning(setting: Setting) -> SettingWarning:
    where = f"with `git config {setting.git_key}`" if setting.git_key else "in your editor"
    return SettingWarning(
        f"sets `{setting.key}`, which only your own settings may: it is left out here; set it {where}", setting.key
    )


def _accepted_statuses(key: str, value: dict[str, Status]) -> tuple[dict[str, Status], list[SettingWarning]]:
    """Return two values: the accepted entries of `value`, and warnings about the other entries.

    `value` is a mapping from words to statuses. A built-in word keeps its status. A word that begins with a built-in
    word of a different status, such as `in progress`, cannot get the status `complete`.
    """
    statuses, warnings = {}, []
    for word, status in value.items():
        folded_text = word.strip().casefold()
        meant_status = next(
            (meaning for known_word, meaning in built_in_vocabulary().statuses if folded_text == known_word), None
        )
        if status == "complete" and meant_status is None:
            meant_status = next(
                (
                    meaning
                    for known_word, meaning in built_in_vocabulary().statuses
                    if folded_text.startswith(known_word)
                ),
                None,
            )
        if meant_status in (None, status):
            statuses[word] = status
        else:
            warnings.append(
                SettingWarning(
                    f"sets `{key}` wrongly: `{word[:60]}` means `{meant_status}`; it is left out", key, None, word
                )
            )
    return statuses, warnings


def _accepted_fields(key: str, value: dict[str, list[str]]) -> tuple[dict[str, list[str]], list[SettingWarning]]:
    """Return two values: the accepted names in `value` by field, and warnings about the other names.

    `value` is a mapping from fields to additional names. A built-in name of a different field is not accepted. For
    example, Reviewer never becomes a name of the field Achievement.
    """
    names_by_word = {word: name for name, words in built_in_vocabulary().fields.items() for word in words}
    words_by_field: dict[str, list[str]] = {}
    warnings = []
    for name, words in value.items():
        foreign_words = {
            word: owner_field
            for word in words
            if (owner_field := names_by_word.get(word.strip().casefold(), name)) != name
        }
        words_by_field[name] = [word for word in words if word not in foreign_words]
        for word, owner_field in foreign_words.items():
            message = f"sets `{key}.{name}` wrongly: `{word[:60]}` names `{owner_field}`; it is left out"
            warnings.append(SettingWarning(message, f"{key}.{name}", None, word))
    return words_by_field, warnings


WORD_CHECKERS: dict[str, Callable[[str, Any], tuple[Any, list[SettingWarning]]]] = {
    "vocabulary.fields": _accepted_fields,
    "vocabulary.statuses": _accepted_statuses,
}
"""Mapping from a setting to the function that rejects words in its value that have a different built-in meaning."""


def _refuse_unmatchable(pattern: str) -> None:
    """Raise ValueError for a pattern that matches nothing."""
    if never_matches(pattern):
        raise ValueError(f"{pattern[:60]!r} fits nothing: a class is not closed, or nothing follows a backslash")


def is_check_ignored(settings: Settings, path: str, names: Collection[str]) -> bool:
    """Tell whether the settings turn off a check for a file. `names` are the code of the check and its former names."""
    return any(
        any(code == "*" or code in names for code in codes) and matching_rule(patterns_of_setting([pattern]), path)
        for pattern, codes in settings["diagnostics.ignore"].items()
    )


def is_code_off(settings: Settings, path: str, code: str) -> bool:
    """Tell whether the settings turn a code off, everywhere or for a file."""
    return settings["diagnostics.severity"].get(code) == "off" or is_check_ignored(settings, path, (code,))


def vocabulary_of(settings: Settings) -> Vocabulary:
    """Return the built-in words together with the words of the settings. Equal words give the same object."""
    added_words = tuple((name, tuple(words)) for name, words in settings["vocabulary.fields"].items())
    return _vocabulary(added_words, tuple(settings["vocabulary.statuses"].items()))


@functools.lru_cache(maxsize=8)
def _vocabulary(
    names_by_field: tuple[tuple[str, tuple[str, ...]], ...], statuses: tuple[tuple[str, Status], ...]
) -> Vocabulary:
    """Return the built-in words and additional words: pairs of a field and its names, of a word and its status."""
    added_by_field = dict(names_by_field)
    fields = {
        name: (*words, *(word.casefold() for word in added_by_field.get(name, ())))
        for name, words in built_in_vocabulary().fields.items()
    }
    statuses_by_word = ((word.casefold(), status) for word, status in statuses)
    return Vocabulary(
        fields, tuple(sorted((*statuses_by_word, *built_in_vocabulary().statuses), key=lambda pair: -len(pair[0])))
    )


def _flatten_settings(data: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return the dotted key and the value of each setting in nested tables. Each key begins with `prefix`.

    A table that is the value of a known setting stays a value.
    """
    values: list[tuple[str, Any]] = []
    for name, value in data.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and not any(setting.key == key for setting in SETTINGS):
            inner_values = _flatten_settings(value, f"{key}.")
            values += inner_values if inner_values else [(key, value)]
        else:
            values.append((key, value))
    return values
