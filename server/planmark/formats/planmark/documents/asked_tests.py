"""Commands and test files in the Tests sections of a SUBPLAN."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from planmark.formats.planmark.documents.deliverables import (
    Deliverable,
    first_deliverable_of_each_path,
    make_deliverable,
)
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.markdown.blocks import parse_blocks, split_lines
from planmark.markdown.parsed_source import (
    MAX_SEARCHED_CHARACTERS,
    Quote,
    SectionPosition,
    Source,
    make_quote,
    section_range,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.text.lazy_pattern import lazy_pattern

SHELL_LANGUAGES = (
    "",
    "bash",
    "sh",
    "shell",
    "zsh",
    "console",
    "shell-session",
    "powershell",
    "ps1",
    "pwsh",
    "bat",
    "cmd",
    "fish",
)
"""Languages of code blocks whose lines may be commands. If a block names no language, its language is ""."""
_PROGRAM_PATTERN = (
    r"(?:uv run |poetry run |pipenv run |npx |bunx |pnpm (?:exec |dlx )?|yarn |docker (?:compose )?(?:run|exec) |sudo |time |env )?"
    r"(?:python[0-9.]*|py|pytest|tox|nox|ruff|mypy|npm|npx|pnpm|yarn|bun|deno|node|jest|vitest|mocha|playwright|cypress|tsc|eslint|go|cargo|"
    r"make|just|task|mvn|gradle|\./gradlew|\./mvnw|dotnet|swift|xcodebuild|bundle|rspec|rake|rails|mix|phpunit|composer|php|ctest|cmake|bazel|"
    r"bash|sh|bats|curl|docker|kubectl|terraform|helm|mongosh|psql|sqlite3|git|ls|cat|grep|rg|test|diff|wc|find|echo|planmark)"
)
"""Pattern for the program at the beginning of a command, with or without a launcher such as `uv run`."""
_COMMAND = lazy_pattern(
    rf"(?:[$>] )?(?P<command>(?:[A-Z_][A-Z0-9_]*=\S+ )*(?:{_PROGRAM_PATTERN}\s+\S.*|(?:pytest|tox|nox|make|ctest|rspec|\./\S+)\s*.*))$"
)
"""Pattern for a line that is a command. A shell prompt and environment variables may precede the command."""
_INLINE_CODE = lazy_pattern(r"`(?P<command>[^`\n]+)`")
"""Pattern for inline code, which may be a command or a path."""
_PATH = lazy_pattern(
    r"(?<![\w./:@-])(?:\./)?(?P<path>(?:[\w.@+-]+/)*[\w@+-][\w.@+-]*\.[A-Za-z][A-Za-z0-9]{0,9})(?![\w/*{<-])"
)
"""Pattern for the path of a file. The group `path` does not contain a leading `./`."""
_TEST_PATH = lazy_pattern(
    r"(?:^|/)(?:test[_-][^/]*|[^/]*[._-](?:tests?|spec)\.[a-z]+|[^/]*(?:Test|Tests|Spec|IT)\.[a-z]+|test\.\w+)$|\.(?:sh|bats|ps1)$"
)
"""Pattern for the path of a test file or of a script."""
_ENDINGS_OF_NO_FILE = lazy_pattern(r"\.(?:com|org|net|io|dev|[0-9]+)$", re.IGNORECASE)
"""Pattern for the end of a domain name or a version. A text with such an end is not a file."""
_TESTS_NOT_REQUIRED = lazy_pattern(
    r"\b(?:delet|remov|archiv|deprecat|obsolete|no longer|not needed|instead of|optional)", re.IGNORECASE
)
"""Pattern for a line whose files are not required as tests: they are deleted, outdated or optional."""


class RequiredTests(msgspec.Struct, frozen=True):
    """The test files and the commands in the Tests sections of a SUBPLAN. No file or command is repeated."""

    files: tuple[Deliverable, ...] = ()
    commands: tuple[Quote, ...] = ()


def required_tests(source: Source) -> RequiredTests:
    """Return the test files and the commands in the Tests sections of a SUBPLAN."""
    files: list[Deliverable] = []
    commands: dict[str, Quote] = {}
    covered_end = 0
    for heading_index in sections_with_name(source, "tests"):
        section_indexes = section_range(source, heading_index)
        for index in section_indexes:
            if index < covered_end:
                continue
            for line, text in commands_in(source[index].section):
                commands.setdefault(text, make_quote(SectionPosition(index, line), text))
            files += [
                make_deliverable(path, SectionPosition(index, line))
                for line, path in _test_files_in(source[index].section)
            ]
        covered_end = max(covered_end, section_indexes.stop)
    return RequiredTests(first_deliverable_of_each_path(files), tuple(commands.values()))


@memoize_per_section
def commands_in(section: Section) -> tuple[tuple[int, str], ...]:
    """Return (0-based line, command) for each command of a section, in a shell block or in back-ticks."""
    return tuple(_commands(section))


def _commands(section: Section) -> Iterator[tuple[int, str]]:
    """Yield (0-based line, command) for each command of a section, in a shell block or in back-ticks."""
    lines = split_lines(section.text)
    fenced_lines: set[int] = set()
    for fence in parse_blocks(section).fences:
        fenced_lines.update(range(fence.line, fence.end_line))
        if fence.info.split(" ")[0].casefold() not in SHELL_LANGUAGES:
            continue
        for number in range(fence.line + 1, fence.end_line):
            text = lines[number].strip()[:MAX_SEARCHED_CHARACTERS] if number < len(lines) else ""
            if not text or text[0] in "#`~":
                continue
            match = _COMMAND.match(text)
            if match:
                yield number, match["command"].strip()
    for number, line in enumerate(lines):
        if number not in fenced_lines and "`" in line:
            for match in _INLINE_CODE.finditer(line[:MAX_SEARCHED_CHARACTERS]):
                if command_match := _COMMAND.match(match["command"]):
                    yield number, command_match["command"].strip()


@memoize_per_section
def _test_files_in(section: Section) -> tuple[tuple[int, str], ...]:
    """Return (0-based line, path) for each test file that a section names."""
    return tuple(_test_files(section))


def _test_files(section: Section) -> Iterator[tuple[int, str]]:
    """Yield (0-based line, path) for each test file that a section names in a command or in back-ticks."""
    for number, command in commands_in(section):
        for match in _PATH.finditer(command):
            if _is_test_or_script(match["path"]):
                yield number, match["path"]
    fenced_lines = {line for fence in parse_blocks(section).fences for line in range(fence.line, fence.end_line)}
    for number, text in enumerate(split_lines(section.text)):
        if number in fenced_lines or "`" not in text or _TESTS_NOT_REQUIRED.search(text):
            continue
        for match in _INLINE_CODE.finditer(text[:MAX_SEARCHED_CHARACTERS]):
            path = match["command"].partition("::")[0].removeprefix("./")
            if _PATH.fullmatch(path) and _is_test_or_script(path):
                yield number, path


def _is_test_or_script(path: str) -> bool:
    """Tell whether `path` names a test file or a script."""
    return _TEST_PATH.search(path) is not None and not _ENDINGS_OF_NO_FILE.search(path)
