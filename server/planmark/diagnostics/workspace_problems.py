"""The diagnostics about problems of the scan and the settings: unreadable files, and settings that do not apply."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.diagnostics.codes import CONFIGURATION, ENCODING, FILE_UNREADABLE, unknown_code_warnings
from planmark.diagnostics.rule_inputs import WorkspaceInput
from planmark.diagnostics.rules import WorkspaceRule, no_inputs
from planmark.markdown.blocks import split_lines
from planmark.plans.diagnostic import Diagnostic, replacement_fix
from planmark.workspace.settings import SETTINGS

CHECKS_BY_PROBLEM_CODE = {"encoding": ENCODING, "byte-order-mark": ENCODING}
"""Mapping from the code of a problem that the scan found to the check of its diagnostic.

A problem with a different code gets `FILE_UNREADABLE`, except `configuration`: `wrong_settings` reports the problems of
the settings.
"""


def unreadable_files(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each problem of a file that could not be read correctly."""
    snapshot = workspace.snapshot
    for problem in snapshot.problems:
        if problem.code != "configuration":
            check = CHECKS_BY_PROBLEM_CODE.get(problem.code, FILE_UNREADABLE)
            name = problem.path.rpartition("/")[2]
            yield check.at(problem.path, problem.line, f"{name} {problem.message}")


def wrong_settings(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each setting that has an unknown key or an invalid value."""
    settings = workspace.snapshot.settings
    if not settings.source:
        return
    lines = split_lines(workspace.text(settings.source) or "\n")
    for warning in (*settings.warnings, *unknown_code_warnings(settings.values)):
        table, name = _table_and_name(warning.key)
        near_table, near_name = _table_and_name(warning.near or "")
        key_text = warning.words or name
        line = _line_of_key(lines, table, name)
        if key_text not in lines[line - 1]:
            line = _line_of_key(lines, table, key_text)
        suggestion = warning.wanted or (near_name if near_name and near_table == table else None)
        message = f"{settings.source} {warning.message}"
        yield CONFIGURATION.at(settings.source, line, message, target_text=key_text, fix=replacement_fix(suggestion))


def _table_and_name(key: str) -> tuple[str, str]:
    """Return a tuple: the table of a dotted key, and the name in the table.

    If the table is a setting, the name may contain dots.
    """
    for setting in SETTINGS:
        if key.startswith(f"{setting.key}."):
            return setting.key, key[len(setting.key) + 1 :]
    table, _, name = key.rpartition(".")
    return table, name


def _line_of_key(lines: list[str], table: str, name: str) -> int:
    """Return the 1-based line of a TOML file that sets the key `name` of `table`.

    It is the first line in the table that contains the name. If there is no such line, it is the first line of the file
    that contains the name, else 1.
    """
    current_table, rank_and_line_pairs = "", []
    for number, line in enumerate(lines, 1):
        if table_header := re.match(r"\s*\[+([^\]]+)\]", line):
            current_table = table_header[1].strip().replace('"', "")
        elif name and name in line:
            rank_and_line_pairs.append((not current_table.endswith(table), number))
    return min(rank_and_line_pairs, default=(True, 1))[1]


RULES: tuple[WorkspaceRule, ...] = (
    (unreadable_files, lambda snapshot: (snapshot.problems,)),
    (wrong_settings, no_inputs),
)
"""The workspace rules that are independent of formats."""
