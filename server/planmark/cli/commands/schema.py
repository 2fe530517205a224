"""`planmark schema`: the JSON Schema of an output."""

from __future__ import annotations

import argparse
import sys
from importlib import resources
from pathlib import Path

from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.queries.schemas import SCHEMAS, json_schema
from planmark.text.similarity import most_similar


class Options(CommandOptions):
    """The options of the command."""

    name: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the output; default: list the names")


def schema_names() -> list[str]:
    """Return the names of the outputs that have a schema."""
    folder = resources.files("planmark").joinpath("schemas")
    return sorted(entry.name.removesuffix(".schema.json") for entry in folder.iterdir() if entry.name.endswith(".json"))


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    names = schema_names()
    name = context.options.name
    if name is None:
        return CommandResult(DONE, "\n".join(names) + "\n")
    if name not in names:
        similar = most_similar(name, names)
        hint = f"did you mean {similar}?" if similar else f"schemas: {', '.join(names)}"
        raise CommandError(f"unknown schema {name}; {hint}", BAD_USAGE)
    path = resources.files("planmark").joinpath("schemas").joinpath(f"{name}.schema.json")
    return CommandResult(DONE, path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for name in SCHEMAS:
        (Path(sys.argv[1]) / f"{name}.schema.json").write_text(json_schema(name), encoding="utf-8", newline="\n")
