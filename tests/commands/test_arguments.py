"""Wrong arguments: the message names the argument and a similar valid one, and the exit code is 2."""

from __future__ import annotations

import argparse

import pytest

from command_line import Run, runner
from planmark.cli.arguments import Parser
from planmark.cli.command_table import COMMANDS
from planmark.cli.dispatch import load_command
from planmark.cli.errors import BAD_USAGE, CommandError

OF_PYTHON = ("invalid choice", "choose from", "unrecognized", "Namespace", "NoneType", "int value", "explicit argument")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("check --format jsn", "--format takes text, json, sarif or github, not `jsn`; did you mean json?"),
        ("check --format=JSON", "did you mean json?"),
        ("check --fail-on warn", "did you mean warning?"),
        ("create subpaln @PAY 1.1", "takes subplan or execution, not `subpaln`; did you mean subplan?"),
        ("verdict aprove @PAY 1.1 --reviewer Ada", "not `aprove`; did you mean approve?"),
        ("cache inof", "did you mean info?"),
        ("status --jsn", "unknown option --jsn; did you mean --json?"),
        ("status -json", "unknown option -json; did you mean --json?"),
        ("status --jsn=1", "unknown option --jsn; did you mean --json?"),
        ("--json status", "write the options of a command after it"),
        ("next --xyz", "unknown option --xyz. Options: -h, --help, --achievement"),
        ("why", "@FEATURE is missing"),
        ("create", "subplan|execution and @FEATURE are missing"),
        ("next --budget many", "--budget takes a whole number, not `many`"),
        ("next --budget", "--budget needs a value: --budget N"),
        ("check --format", "--format needs a value: --format text|json|sarif|github"),
        ("next --json=yes", "--json takes no value, but got `yes`"),
        ("status @PAY @SEARCH", "unexpected argument `@SEARCH`"),
        ("metrics --json --prometheus", "--prometheus and --json exclude each other"),
        ("stauts", "did you mean `planmark status`?"),
        ("STATUS", "did you mean `planmark status`?"),
    ],
)
def test_what_is_said_of_wrong_arguments(run: Run, typed: str, says: str) -> None:
    result = run(*typed.split())
    assert result.code == BAD_USAGE
    assert says in (result.data["error"]["message"] if "--json" in typed else result.err)
    assert not (result.out and "--json" not in typed)
    assert not any(words in result.err for words in OF_PYTHON)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_choice_of_any_command_is_refused_in_the_words_of_python(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = parser_of(command)
    choosing = [action for action in parser._actions if action.choices]
    for action in choosing:
        with pytest.raises(CommandError) as error:
            parser.parse_args([action.option_strings[-1], "?!"] if action.option_strings else ["?!"] * 9)
        assert error.value.code == BAD_USAGE
        assert "not `?!`" in str(error.value)
        assert not any(words in str(error.value) for words in OF_PYTHON)
    assert all(line.startswith("usage: planmark") for line in capsys.readouterr().err.splitlines())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_usage_is_one_line_with_all_that_is_needed(command: str) -> None:
    parser = parser_of(command)
    usage = parser.format_usage()
    assert usage.count("\n") == 1
    needed = [action for action in parser._actions if action.required and action.option_strings]
    assert all(action.option_strings[-1] in usage for action in needed)


def test_the_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser_of("next").parse_args(["--help"])
    shown = capsys.readouterr().out
    assert all(option in shown for option in ("--achievement", "--step", "--json", "--out"))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_class_of_options_names_every_argument(command: str) -> None:
    parser = Parser(add_help=False)
    module = load_command(command)
    module.add_arguments(parser)
    added = {action.dest for action in parser._actions if action.default is not argparse.SUPPRESS} | {*parser._defaults}
    own = {name for known in module.Options.__mro__ for name in vars(known).get("__annotations__", {})}
    assert added == own - {"workspace", "quiet"}


def parser_of(command: str) -> Parser:
    parser = Parser(prog=f"planmark {command}")
    load_command(command).add_arguments(parser)
    assert isinstance(parser, argparse.ArgumentParser)
    return parser
