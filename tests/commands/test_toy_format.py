"""A format that the core does not know works in every door: `tests/toy_format.py`, registered for a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command_line import runner
from lsp_client import AnswerError, LocalClient
from planmark.formats import registered as registered_formats
from planmark.plans.registry import RegisteredFormat, format_and_role_of

TODO = "toys/box.todo.md"
TEXT = "# Toys\n\n- [x] a: First\n- [ ] b: Second\n- [?] c: Third (after b)\n"


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Register the toy format for a test."""
    monkeypatch.setattr(
        registered_formats,
        "FORMATS",
        (RegisteredFormat("toy", "toy_format", re.compile("toys/")), *registered_formats.FORMATS),
    )
    format_and_role_of.cache_clear()
    yield
    format_and_role_of.cache_clear()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with one plan of the toy format."""
    (tmp_path / "toys").mkdir()
    (tmp_path / TODO).write_text(TEXT, encoding="utf-8")
    return tmp_path


def test_its_documents_and_items_are_found(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys, "--workspace", str(root))
    assert TODO in run("find", "type:todo", "state:in_progress").out
    assert TODO in run("find", "type:plan", "plan:box").out
    found = run("find", "type:task", "state:open", "--json").data["workspaces"][0]["matches"]
    assert [(match["id"], match["line"], match["role"]) for match in found] == [
        ("b", 4, "executor"),
        ("c", 5, "executor"),
    ]


def test_status_shows_its_plan(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys, "--workspace", str(root))
    assert re.search(r"box +███░░░░░░░ 1/3 +in progress +b: start the task", run("status").out)
    (plan,) = run("status", "--json").data["workspaces"][0]["plans"]
    assert (plan["format"], plan["path"], plan["feature"], plan["counts"]) == (
        "toy",
        TODO,
        "box",
        {"done": 1, "open": 2},
    )
    assert plan["progress"] == {"done": 1, "total": 3, "optional": 0, "deferred": 0, "tool": None}
    assert (plan["next"]["step"], plan["next"]["ref"]) == ("implement_task", "b")
    assert [(item["ref"], item["state"], item["line"]) for item in plan["achievements"]] == [
        ("a", "done", 3),
        ("b", "open", 4),
        ("c", "open", 5),
    ]
    assert "b ←" in run("status", "@box").out


def test_why_explains_an_item(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    why = runner(capsys, "--workspace", str(root))("why", "@box", "a", "--json").data
    assert (why["state"], why["rules"][0]["matched"], why["rules"][0]["says"]) == ("done", True, "the box is ticked")


@pytest.mark.parametrize("about", [(), ("@box",), ("toys/",), (TODO,), ("@box", "--achievement", "b")])
def test_next_prompts_for_its_item(root: Path, capsys: pytest.CaptureFixture[str], about: tuple[str, ...]) -> None:
    prompt = runner(capsys, "--workspace", str(root))("next", *about, "--json").data
    assert (prompt["step"], prompt["achievement"], prompt["ref"], prompt["plan"]) == ("implement_task", "b", "b", TODO)
    assert "> - [ ] b: Second" in prompt["prompt"]
    assert "1. Tick it." in prompt["prompt"]


def test_next_says_that_nothing_is_left(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = runner(capsys, "--workspace", str(root))("next", "@box", "--achievement", "a")
    assert (done.code, done.err) == (3, "planmark: a is done: there is nothing to do\n")


def test_a_small_budget_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = runner(capsys, "--workspace", str(root))("next", "@box", "--budget", "5")
    assert refused.code == 2 and "and the budget is 5" in refused.err


def test_check_finds_and_fixes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys, "--workspace", str(root))
    (found,) = run("check", "--format", "json").data["diagnostics"]
    assert (found["path"], found["range"]["start"]["line"], found["code"]) == (TODO, 5, "task-marker-unknown")
    assert [fix["title"] for fix in found["fixes"]] == ["Write `[ ]`"]
    run("check", "--fix")
    assert (root / TODO).read_text(encoding="utf-8") == TEXT.replace("[?]", "[ ]")


def test_the_graph_and_the_costs_name_its_items(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys, "--workspace", str(root))
    assert 'ab["b Second<br/>open ← next"]' in run("graph", "@box").out
    assert re.search(r"box +b +implement task", run("budget", "@box").out)


def test_tick_changes_one_character(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys, "--workspace", str(root))
    assert run("tick", "@box", "b").out == f"{TODO}:4 b ✓ done\n"
    assert (root / TODO).read_text(encoding="utf-8") == TEXT.replace("[ ] b", "[x] b")
    assert run("tick", "@box", "b").out == f"{TODO}:4 b ✓ done, as before\n"
    run("tick", "@box", "b", "--undo")
    assert (root / TODO).read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize("command", ["close", "archive", "pause", "resume"])
def test_commands_of_the_methodology_name_what_to_do_instead(
    root: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    refused = runner(capsys, "--workspace", str(root))(command, "@box")
    assert refused.code == 2
    assert f"`planmark {command}` is for PLANs, and @box is a plan of Toy" in refused.err
    assert ("delete the file" in refused.err) == (command == "archive")


def test_a_second_process_reads_it_from_the_store(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys, "--workspace", str(root))
    first = run("status", "--json").data["workspaces"]
    again = run("status", "--json").data
    assert again["workspaces"] == first
    assert again["run"]["cached"]


class Editor:
    """A client with the plan open."""

    def __init__(self, local: LocalClient, root: Path) -> None:
        self.local = local
        local.begin([root])
        self.uri = local.open(root / TODO)

    def ask(self, method: str, **params: Any) -> Any:
        """Return the answer to a request about the document."""
        return self.local.request(f"textDocument/{method}", {"textDocument": {"uri": self.uri}, **params})


@pytest.fixture
def editor(root: Path) -> Iterator[Editor]:
    """A client of a server that serves the workspace."""
    local = LocalClient()
    yield Editor(local, root)
    local.stop()


def test_an_editor_shows_states(editor: Editor) -> None:
    hover = editor.ask("hover", position={"line": 3, "character": 4})["contents"]["value"]
    assert "**○ open**" in hover and "start the task" in hover
    lenses = [editor.local.request("codeLens/resolve", lens) for lens in editor.ask("codeLens")]
    titles = [(lens["range"]["start"]["line"], lens["command"]["title"]) for lens in lenses]
    assert titles[0][0] == 0 and titles[0][1].startswith("box ███░░░░░░░ 1/3")
    assert (3, "▶ Start task") in titles and (3, "○ open") in titles
    assert not [title for line, title in titles if line == 2]
    names = [symbol["name"] for symbol in editor.ask("documentSymbol")]
    assert names == ["✓ a First", "○ b Second", "○ c Third (after b)"]
    found = editor.local.request("workspace/symbol", {"query": "Second"})
    assert [symbol["containerName"] for symbol in found] == ["box"]


def test_an_editor_shows_diagnostics_of_the_text_that_is_typed(editor: Editor) -> None:
    editor.local.request("planmark/status")
    assert [one["code"] for one in editor.ask("diagnostic")["items"]] == ["task-marker-unknown"]
    editor.local.change(editor.uri, 2, TEXT.replace("?", "x"))
    assert editor.ask("diagnostic")["items"] == []
    status = editor.local.request("planmark/status")["workspaces"][0]["plans"]
    assert [plan["counts"] for plan in status] == [{"done": 2, "open": 1}]


def test_an_editor_ticks_and_fixes(editor: Editor) -> None:
    range_ = {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 0}}
    actions = editor.ask("codeAction", range=range_, context={"diagnostics": []})
    titles = [action["title"] for action in actions]
    assert titles[0] == "Write `[ ]`" and "Tick c" in titles
    ticked = editor.local.command("planmark.tick", {"uri": editor.uri, "line": 3})
    assert (ticked["path"], ticked["line"], ticked["state"]) == (TODO, 4, "done")
    assert ticked["changed"] == [editor.uri]
    (edits,) = editor.local.asked("workspace/applyEdit")["edit"]["documentChanges"]
    assert [edit["newText"] for edit in edits["edits"]] == ["x"]


def test_an_editor_gets_the_prompt(editor: Editor) -> None:
    prompt = editor.local.request("planmark/nextPrompt", {"plan": TODO, "achievement": "b"})
    assert (prompt["ref"], prompt["step"]) == ("b", "implement_task")
    assert editor.local.request("planmark/why", {"plan": TODO, "achievement": "a"})["state"] == "done"


def test_an_editor_follows_names(editor: Editor) -> None:
    at = {"line": 4, "character": 22}
    assert editor.ask("definition", position=at)["range"]["start"]["line"] == 3
    found = editor.ask("references", position={"line": 3, "character": 6}, context={"includeDeclaration": False})
    assert [place["range"]["start"] for place in found] == [{"line": 4, "character": 22}]
    hints = editor.ask("inlayHint", range={"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}})
    assert [(hint["position"]["line"], hint["label"]) for hint in hints] == [(4, "○ open")]
    offered = editor.ask("completion", position=at)["items"]
    assert [item["label"] for item in offered] == ["a", "b"]


@pytest.mark.parametrize("at", [(3, 6), (4, 22)])
def test_an_editor_renames_an_id_with_its_mentions(editor: Editor, at: tuple[int, int]) -> None:
    position = {"line": at[0], "character": at[1]}
    assert editor.ask("prepareRename", position=position)["placeholder"] == "b"
    (document,) = editor.ask("rename", position=position, newName="second")["documentChanges"]
    assert sorted((edit["range"]["start"]["line"], edit["newText"]) for edit in document["edits"]) == [
        (3, "second"),
        (4, "second"),
    ]
    with pytest.raises(AnswerError, match="a exists already: line 3"):
        editor.ask("rename", position=position, newName="a")


def test_reconcile_is_prompted_for_on_demand(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys, "--workspace", str(root))
    prompt = run("next", "@box", "--step", "reconcile", "--json").data
    assert (prompt["step"], prompt["ref"], prompt["reason"]) == (
        "reconcile",
        "b",
        f"A person asked for it; 2 items of {TODO} are open",
    )
    assert run("next", "@box", "--step", "verify").code == 2
    (root / TODO).write_text("- [x] a: First\n", encoding="utf-8")
    assert run("next", "@box", "--step", "reconcile").code == 3
