"""`planmark schema`: the JSON Schema of an output."""

from __future__ import annotations

import argparse
import sys
from importlib import resources
from pathlib import Path

from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.queries.api_types import SCHEMAS, json_schema
from planmark.text.similarity import most_like


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the output; default: list the names")


def names() -> list[str]:
    """Return the names of the outputs that have a schema."""
    folder = resources.files("planmark").joinpath("schemas")
    return sorted(entry.name.removesuffix(".schema.json") for entry in folder.iterdir() if entry.name.endswith(".json"))


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    known = names()
    if args.name is None:
        print("\n".join(known))
        return DONE
    if args.name not in known:
        near = most_like(args.name, known)
        hint = f"did you mean {near}?" if near else f"schemas: {', '.join(known)}"
        raise CommandError(f"unknown schema {args.name}; {hint}", BAD_USAGE)
    path = resources.files("planmark").joinpath("schemas").joinpath(f"{args.name}.schema.json")
    print(path.read_text(encoding="utf-8"), end="")
    return DONE


if __name__ == "__main__":
    for name in SCHEMAS:
        (Path(sys.argv[1]) / f"{name}.schema.json").write_text(json_schema(name), encoding="utf-8", newline="\n")
