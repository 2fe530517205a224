"""From an empty folder to the first prompt: the commands that create a PLAN, a settings file and the example."""

from __future__ import annotations

from pathlib import Path

import pytest

from applying_editor import Editor
from lsp_client import AnswerError, LocalClient, bare

PLAN = "work-space/plans/TILL/PLAN_TILL.md"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Return an empty folder."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_from_an_empty_folder_to_the_first_prompt(local: LocalClient, empty: Path) -> None:
    Editor(local)
    local.begin([empty])
    assert local.command("planmark.setUpWorkspace", {})["path"] == "planmark.toml"
    local.files_changed((empty / "planmark.toml", 1))
    assert local.command("planmark.newPlan", {"feature": "TILL"})["path"] == PLAN
    assert [r["params"]["uri"] for r in local.requests if r["method"] == "window/showDocument"][-1].endswith(PLAN)
    local.files_changed((empty / PLAN, 1))
    prompt = local.request("planmark/nextPrompt")
    assert (prompt["feature"], prompt["step"]) == ("TILL", "fill_plan")
    local.close()


def test_nothing_is_written_over(local: LocalClient, empty: Path) -> None:
    Editor(local)
    (empty / PLAN).parent.mkdir(parents=True)
    (empty / PLAN).write_text("# Mine\n", encoding="utf-8")
    (empty / "planmark.toml").write_text("", encoding="utf-8")
    local.begin([empty])
    with pytest.raises(AnswerError, match=r"TILL exists already: work-space/plans/TILL/PLAN_TILL\.md"):
        local.command("planmark.newPlan", {"feature": "@TILL"})
    with pytest.raises(AnswerError, match=r"planmark\.toml exists already, and is not overwritten"):
        local.command("planmark.setUpWorkspace", {})
    with pytest.raises(AnswerError, match="is in the open workspace"):
        local.command("planmark.copyExample", {"folder": str(empty / "example")})
    (empty.parent / "other").write_text("", encoding="utf-8")
    with pytest.raises(AnswerError, match="exists and is not empty: name a new folder"):
        local.command("planmark.copyExample", {"folder": str(empty.parent / "other")})
    assert (empty / PLAN).read_text(encoding="utf-8") == "# Mine\n"
    local.close()


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        ("new till", "did you mean NEW-TILL"),
        ("", "`` is not a feature name"),
        ("../../X", "`../../X` is not a feature name: use capitals, digits and hyphens; did you mean X?"),
        ("Ä", "`Ä` is not a feature name: use capitals, digits and hyphens"),
    ],
)
def test_a_wrong_name_is_refused(local: LocalClient, empty: Path, feature: str, message: str) -> None:
    Editor(local)
    local.begin([empty])
    with pytest.raises(AnswerError) as refused:
        local.command("planmark.newPlan", {"feature": feature})
    assert message in str(refused.value)
    assert list(empty.iterdir()) == []
    local.close()


@pytest.mark.parametrize(
    ("name", "feature"),
    [("till", "TILL"), ("New  till, at last!", "NEW-TILL-AT-LAST"), ("Größe_2", "GROSSE-2"), ("É", "E")],
)
def test_any_words_name_a_plan(local: LocalClient, empty: Path, name: str, feature: str) -> None:
    Editor(local)
    local.begin([empty])
    path = local.command("planmark.newPlan", {"name": name})["path"]
    assert path == f"work-space/plans/{feature}/PLAN_{feature}.md" and (empty / path).exists()
    with pytest.raises(AnswerError, match="has no letter or digit"):
        local.command("planmark.newPlan", {"name": "日本"})
    local.close()


def test_of_several_workspaces_one_is_named(local: LocalClient, tmp_path: Path) -> None:
    Editor(local)
    roots = [tmp_path / name for name in ("a", "b")]
    for root in roots:
        root.mkdir()
    local.begin(roots)
    with pytest.raises(AnswerError, match="2 workspaces are open; choose one with `workspace`"):
        local.command("planmark.newPlan", {"feature": "TILL"})
    local.command("planmark.newPlan", {"feature": "TILL", "workspace": str(roots[1])})
    assert (roots[1] / PLAN).exists() and not (roots[0] / PLAN).exists()
    local.close()


def test_the_example_is_copied_without_an_open_folder(local: LocalClient, tmp_path: Path) -> None:
    local.begin([])
    target = tmp_path / "example"
    assert local.command("planmark.copyExample", {"folder": str(target)}) == {"folder": str(target)}
    assert (target / "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md").exists()
    assert (target / "tests/test_charge.py").exists()
    for folder in ("", "relative/path"):
        with pytest.raises(AnswerError, match="absolute path"):
            local.command("planmark.copyExample", {"folder": folder})
    with pytest.raises(AnswerError, match="no folder is open"):
        local.command("planmark.newPlan", {"feature": "TILL"})
    local.close()


def test_an_empty_plan_gets_its_template_once(local: LocalClient, empty: Path) -> None:
    Editor(local)
    (empty / "PLAN_TILL.md").write_text("\n\n", encoding="utf-8")
    local.begin([empty])
    uri = local.open(empty / "PLAN_TILL.md")
    document = {"textDocument": {"uri": uri}}
    start = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    actions = local.request("textDocument/codeAction", {**document, "range": start, "context": {"diagnostics": []}})
    (action,) = [known for known in actions if known["title"] == "Write the template of a PLAN"]
    (lens,) = [local.request("codeLens/resolve", known) for known in local.request("textDocument/codeLens", document)]
    assert lens["command"] == action["command"]
    items = local.request("textDocument/completion", {**document, "position": start["start"]})["items"]
    assert [(item["insertTextFormat"], "${1:[TO BE FILLED" in item["textEdit"]["newText"]) for item in items] == [
        (2, True)
    ]
    assert local.command(lens["command"]["command"], lens["command"]["arguments"][0])["applied"]
    text = (empty / "PLAN_TILL.md").read_text(encoding="utf-8")
    assert text.startswith("# PLAN: Till\n") and text.endswith("**Next**: Achievement 1.1\n")
    local.request("shutdown")


def test_a_document_with_text_keeps_it(local: LocalClient, empty: Path) -> None:
    Editor(local)
    (empty / "PLAN_TILL.md").write_text("Mine\n", encoding="utf-8")
    (empty / "README.md").write_text("", encoding="utf-8")
    local.begin([empty])
    with pytest.raises(AnswerError, match=r"PLAN_TILL\.md is not empty"):
        local.command("planmark.fillTemplate", {"path": "PLAN_TILL.md"})
    with pytest.raises(AnswerError, match=r"no document PLAN_NONE\.md in an open workspace"):
        local.command("planmark.fillTemplate", {"path": "PLAN_NONE.md"})
    local.close()


def test_an_editor_without_snippets_gets_plain_text(local: LocalClient, empty: Path) -> None:
    (empty / "PLAN_TILL.md").write_text("", encoding="utf-8")
    (empty / "FIX_11.md").write_text("", encoding="utf-8")
    local.begin([empty], bare())
    position = {"line": 0, "character": 0}
    for name, count in (("PLAN_TILL.md", 1), ("FIX_11.md", 0)):
        uri = local.open(empty / name)
        answer = local.request("textDocument/completion", {"textDocument": {"uri": uri}, "position": position})
        assert len(answer["items"]) == count
        assert all("$" not in item["textEdit"]["newText"] for item in answer["items"])
    local.close()
