"""`planmark help`: the commands in groups, the help of a command, and topics whose examples are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import REPOSITORY
from fixture import write_files
from planmark.cli.command_table import COMMAND_GROUPS, COMMANDS
from planmark.cli.dispatch import MODULES_OUTSIDE_CLI
from planmark.cli.help_topics import TOPIC_NAMES, topic_lines, topic_named, topic_text, topic_title
from planmark.cli.main import main
from planmark.plans.registry import formats
from planmark.text.display_width import cell_width

PACKAGE = REPOSITORY / "server" / "planmark"
EXAMPLE = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BASES = {
    "subplan": ("plan",),
    "execution": ("plan", "subplan"),
    "verdict": ("plan", "subplan", "execution"),
    "parallel": ("plan",),
}
"""Topic → the topics whose examples its own examples need."""


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the standard output of a command that ends well."""
    capsys.readouterr()
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_each_command_is_in_exactly_one_group() -> None:
    grouped = [name for commands in COMMAND_GROUPS.values() for name in commands]
    assert len(grouped) == len(set(grouped))
    modules = {path.stem for path in (PACKAGE / "cli" / "commands").glob("*.py")} - {"__init__"}
    assert {*grouped} == modules | {name for name in MODULES_OUTSIDE_CLI if " " not in name}
    assert list(COMMANDS) == grouped


@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group, names in COMMAND_GROUPS.items() for name in names]
)
def test_a_command_is_listed_under_its_group(capsys: pytest.CaptureFixture[str], group: str, name: str) -> None:
    groups = dict(re.findall(r"^([A-Z][\w ]*):\n((?:  .*\n)+)", shown(capsys, "help"), re.MULTILINE))
    assert re.search(rf"^  {name} ", groups[group], re.MULTILINE)


def test_every_help_shows_the_same_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    by_option = capsys.readouterr().out
    assert shown(capsys, "help").startswith(by_option)


@pytest.mark.parametrize(
    ("arguments", "width"), [([], 80), ([], 60), (["status"], 60), *(([topic], 80) for topic in TOPIC_NAMES)]
)
def test_a_help_fits_the_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    wide = [line for line in shown(capsys, "help", *arguments).splitlines() if cell_width(line) > width]
    assert wide == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_a_command_is_that_of_its_option(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit):
        main([name, "--help"])
    by_option = capsys.readouterr().out
    assert shown(capsys, "help", name).startswith(by_option)


def test_the_list_names_every_topic(capsys: pytest.CaptureFixture[str]) -> None:
    topics = shown(capsys, "help").partition("\nTopics:\n")[2]
    assert topics == "".join(f"  {name:<14}  {topic_title(name)}\n" for name in TOPIC_NAMES)
    assert {path.stem for path in (PACKAGE / "cli" / "topics").iterdir()} == {*TOPIC_NAMES}


def test_each_format_has_a_topic() -> None:
    assert {form.name for form in formats()} <= {*TOPIC_NAMES, "planmark"}
    assert topic_named("spec-kit") == "speckit" and topic_named("Feature-Planner") == "featureplanner"


def test_a_name_of_a_command_and_a_topic_shows_both(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "help", "verdict")
    assert text.startswith("usage: planmark verdict") and "\nverdict: the decision of a reviewer\n" in text


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("statsu", "no command or topic `statsu`; did you mean `planmark help status`?"),
        ("subplans", "no command or topic `subplans`; did you mean `planmark help subplan`?"),
        ("\x1b[2J", "no command or topic `\\x1b[2J`. List: planmark help"),
    ],
)
def test_an_unknown_name_gets_a_suggestion(capsys: pytest.CaptureFixture[str], word: str, says: str) -> None:
    assert main(["help", word]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err == f"planmark: {says}\n"


def test_an_example_is_indented_below_its_path() -> None:
    text = "# plan: x\n\n```markdown a/b.md\n# B\n\ntext\n```\n\n```text\n  as it is\n```\n"
    assert topic_lines(text) == [
        *(("plan: x", "bold"), ("", ""), ("a/b.md:", "bold"), ("", "")),
        *(("    # B", ""), ("", ""), ("    text", ""), ("", ""), ("  as it is", "")),
    ]


def examples(topic: str) -> dict[str, str]:
    """Return path → text of the examples of a topic."""
    return dict(EXAMPLE.findall(topic_text(topic)))


def with_examples_of(topic: str) -> dict[str, str]:
    """Return the files of a workspace for the examples of a topic, which are about an achievement with its work."""
    files = {path: text for base in BASES.get(topic, ()) for path, text in examples(base).items()}
    work = {path: text for path, text in files.items() if "_11" in path}
    if topic == "verdict":
        for path, text in work.items():
            finished = text.replace("_11", "_12").replace("1.1", "1.2").replace("Ready", "Complete")
            files[path.replace("_11", "_12")] = finished
    return files | examples(topic)


@pytest.mark.parametrize("topic", [topic for topic in TOPIC_NAMES if topic not in ("loop", "states")])
def test_the_examples_of_a_topic_have_no_diagnostics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], topic: str
) -> None:
    own = examples(topic)
    assert own
    write_files(tmp_path, with_examples_of(topic))
    capsys.readouterr()
    for path in own:
        assert main(["--workspace", str(tmp_path), "check", "--format", "github", str(tmp_path / path)]) == 0
    annotated = capsys.readouterr().out
    assert [line for line in annotated.splitlines() if any(f"file={path}," in line for path in own)] == []
    assert main(["--workspace", str(tmp_path), "status", "--json"]) == 0
    states = re.findall(r'"feature": "([^"]+)"', capsys.readouterr().out)
    assert len({*states}) == 1


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_a_topic_names_only_commands_and_topics_that_exist(topic: str) -> None:
    text = EXAMPLE.sub("", topic_text(topic))
    commands = re.findall(r"(?:^ *|`|: |; )planmark ([a-z]+)", text, re.MULTILINE)
    assert commands and {*commands} <= COMMANDS.keys()
    assert all(name in COMMANDS or topic_named(name) for name in re.findall(r"planmark help (\w+)", text))
