"""`planmark find`: documents and items of all plans, by their properties and their words."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from planmark.cli.console import Cell, json_text, paragraph, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, PROBLEMS_FOUND, CommandError
from planmark.cli.table import Column
from planmark.cli.workspace_access import open_workspace
from planmark.plans.phrases import name_in_words
from planmark.queries.find import DEFAULT_MAX_MATCHES, FindMatch, FoundInWorkspace, TermCount, find_result
from planmark.queries.find_query import QUERY_EXAMPLES, query_of_arguments
from planmark.text.pluralize import counted_noun

COLUMNS = (
    Column("TYPE"),
    Column("PLAN", form="name", min_width=12),
    Column("STATE", form="text", min_width=10),
    Column("WHERE", form="name", min_width=34),
)
"""The columns of the table. The column `PLAN` also has the id of a match, as in `@CHECKOUT 1.2`."""
LINE_INDENT = "    "
HELP_OPTIONS = ("-h", "--help")
OPTIONS_WITH_VALUE = ("--limit", "--workspace")
"""The options whose value is the argument after them."""


class Options(CommandOptions):
    """The options of the command."""

    query: list[str]
    limit: int
    json: bool


def arguments_in_order(arguments: Sequence[str]) -> list[str]:
    """Return the arguments in a new order: the options, `--`, and then the terms of the query.

    So a term such as `-type:verdict` is not read as an option.
    """
    options: list[str] = []
    terms: list[str] = []
    for word in arguments:
        if word == "--":
            continue
        is_value = bool(options) and options[-1] in OPTIONS_WITH_VALUE
        (options if is_value or word.startswith("--") or word in HELP_OPTIONS else terms).append(word)
    return [*options, "--", *terms]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "query",
        nargs="*",
        metavar="QUERY",
        help='words, "a phrase", or properties such as state:approved; `-` before a term excludes',
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=DEFAULT_MAX_MATCHES,
        metavar="N",
        help=f"at most N matches, 0 for all; default: {DEFAULT_MAX_MATCHES}",
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema find)")
    parser.epilog = f"examples: {'; '.join(QUERY_EXAMPLES)}"


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The exit code is 1 if nothing matches."""
    options = context.options
    if options.limit < 0:
        raise CommandError(f"--limit takes a number of matches, 0 for all, not {options.limit}", BAD_USAGE)
    query = query_of_arguments(options.query)
    result = find_result([open_workspace(context)], query, options.limit)
    code = DONE if result.workspaces[0].total else PROBLEMS_FOUND
    if options.json:
        return CommandResult(code, json_text(result))
    return CommandResult(code, "".join(_result_lines(result.workspaces[0])), notes=tuple(_notes(result.workspaces[0])))


def _result_lines(result: FoundInWorkspace) -> Iterator[str]:
    if not result.total:
        yield paragraph("Nothing matches.")
        for count in result.terms:
            yield paragraph(f"  {empty_result_reason(count, len(result.terms))}", indent=LINE_INDENT)
        return
    if not any(match.text for match in result.matches):
        yield table(COLUMNS, [_match_row(match) for match in result.matches])
        return
    for match in result.matches:
        state = f"  {_states_text(match)}" if match.states else ""
        yield paragraph((name_in_words(match.type), "cyan"), f"  {_match_name(match)}{state}", indent=LINE_INDENT)
        yield paragraph(f"  {_path_and_line_text(match)}", indent=LINE_INDENT)
        # The sign `>` marks quoted text of a document, as in the output of the tools for agents.
        yield paragraph((f"{LINE_INDENT}> {match.text}", "dim"), indent=f"{LINE_INDENT}> ")


def empty_result_reason(count: TermCount, term_count: int) -> str:
    """Return a text that says how many matches one term has alone, and how many the query has without this term.

    `count` has these two numbers. `term_count` is the number of terms of the query.
    """
    if not count.alone:
        return f"{count.term} matches nothing here"
    alone_text = f"{count.term} alone matches {count.alone}"
    if term_count == 1:
        return alone_text
    return f"{alone_text}; without it, the query matches {count.without or 'nothing'}"


def _notes(result: FoundInWorkspace) -> Iterator[str]:
    if (more_count := result.total - len(result.matches)) > 0:
        yield f"and {counted_noun(more_count, 'more match', 'more matches')} (--limit 0 shows all)"


def _match_row(match: FindMatch) -> list[Cell]:
    return [
        (name_in_words(match.type), "cyan"),
        (_match_name(match), "bold"),
        (_states_text(match), ""),
        (_path_and_line_text(match), "dim"),
    ]


def _match_name(match: FindMatch) -> str:
    """Return the plan and the id of a match. If the match has neither, return its title."""
    feature = f"@{match.feature}" if match.feature else ""
    return " ".join(part for part in (feature, match.id) if part) or match.title


def _states_text(match: FindMatch) -> str:
    """Return the states of a match in words. The state `active` is left out if the match has a different state, too."""
    states = [state for state in match.states if state != "active"] or match.states
    return ", ".join(map(name_in_words, states))


def _path_and_line_text(match: FindMatch) -> str:
    return f"{match.path}:{match.line}"
