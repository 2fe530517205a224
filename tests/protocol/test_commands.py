"""Commands, renames and fixes: the edits that the server asks for, applied as an editor applies them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from applying_editor import Editor, carry_out, uri_path
from fixture import write_files
from learnt import with_new_problem
from lsp_client import AnswerError, LocalClient, bare, recorded, with_roots
from planmark.lsp.handlers.registry import COMMANDS, OWN_NOTIFICATIONS, OWN_REQUESTS
from planmark.lsp.lsp_ext import NOTIFICATIONS_TO_CLIENT
from sample_plan import FEEDBACKS, PLAN, TEXT

CHECKOUT = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md"
SUBPLAN = "work-space/plans/PAY/subplans/SUBPLAN_PAY_11.md"
TASK = "work-space/plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md"


def _told(local: LocalClient, root: Path, *paths: str) -> None:
    local.files_changed(*((root / path, 1 if (root / path).exists() else 3) for path in paths))


def _states(local: LocalClient) -> dict[str, str]:
    (plan,) = local.request("planmark/status")["workspaces"][0]["plans"]
    return {known["id"]: known["state"] for known in plan["achievements"]}


def test_from_the_plan_to_the_verdict_by_commands(local: LocalClient, pay: Path) -> None:
    """Check that each file comes from its template, at its path, and that the state follows."""
    Editor(local)
    local.begin([pay])
    about = {"feature": "PAY", "achievement": "1.1"}
    assert local.command("planmark.createSubplan", about)["path"] == SUBPLAN
    _told(local, pay, SUBPLAN)
    assert _states(local)["1.1"] == "design_placeholder"
    assert local.command("planmark.createExecution", about)["path"] == TASK
    _told(local, pay, TASK)
    assert _states(local)["1.1"] in ("design_placeholder", "active_execution")
    (pay / SUBPLAN).write_text("# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\ny\n", encoding="utf-8")
    (pay / TASK).write_text("**Status**: ✅ Complete\n", encoding="utf-8")
    _told(local, pay, SUBPLAN, TASK)
    assert _states(local)["1.1"] == "awaiting_review"
    fix = {**about, "decision": "fix", "reviewer": "Ada", "note": "Refunds are lost"}
    assert local.command("planmark.recordVerdict", fix)["path"] == f"{FEEDBACKS}/FIX_11.md"
    _told(local, pay, f"{FEEDBACKS}/FIX_11.md")
    assert _states(local)["1.1"] == "needs_fix"
    assert "Refunds are lost" in (pay / FEEDBACKS / "FIX_11.md").read_text(encoding="utf-8")
    approve = {**about, "decision": "approve", "reviewer": "Ada"}
    refused = local.command("planmark.recordVerdict", approve)
    assert not refused["applied"] and refused["missing"] == [f"{FEEDBACKS}/FIX_11.md is not answered by a RESOLUTION"]
    answered = local.command("planmark.resolveFix", {**about, "note": "Sent again"})
    assert answered["path"] == f"{FEEDBACKS}/FIX_11_RESOLUTION.md"
    _told(local, pay, answered["path"])
    assert _states(local)["1.1"] == "fix_resolved"
    assert local.command("planmark.recordVerdict", approve)["path"] == f"{FEEDBACKS}/APPROVED_11_R2.md"
    _told(local, pay, f"{FEEDBACKS}/APPROVED_11_R2.md")
    assert _states(local) == {"1.1": "approved", "1.2": "no_subplan"}
    with pytest.raises(AnswerError, match="approved already"):
        local.command("planmark.recordVerdict", approve)
    again = {**fix, "note": "", "issues": [{"text": "Twice\nin March", "severity": "major"}]}
    assert local.command("planmark.recordVerdict", again)["path"] == f"{FEEDBACKS}/FIX_11_R3.md"
    _told(local, pay, f"{FEEDBACKS}/FIX_11_R3.md")
    assert _states(local)["1.1"] == "needs_fix"
    shown = [r["params"]["uri"] for r in local.requests if r["method"] == "window/showDocument"]
    assert shown[0] == (pay / SUBPLAN).as_uri()
    local.close()


def test_claims_of_an_old_plan_are_adopted_one_by_one(local: LocalClient, pay: Path) -> None:
    """Check that the proposals show the lines of their claims, and that only the command writes a verdict."""
    Editor(local)
    (pay / PLAN).write_text(TEXT.replace("**Achievement 1.1**: Refunds", "**Achievement 1.1**: Refunds ✅"), "utf-8")
    local.begin([pay])
    found = local.request("planmark/adopt", {"feature": "PAY"})
    (proposal,) = found["proposals"]
    assert (proposal["achievement"], proposal["path"]) == ("1.1", f"{FEEDBACKS}/APPROVED_11.md")
    assert "✅" in proposal["claims"][0]["text"] and not list((pay / FEEDBACKS).glob("*.md"))
    about = {"feature": "PAY", "decision": "adopt", "reviewer": "Ada"}
    with pytest.raises(AnswerError, match=r"has no claim about 1\.2"):
        local.command("planmark.recordVerdict", {**about, "achievement": "1.2"})
    assert local.command("planmark.recordVerdict", {**about, "achievement": "1.1"})["applied"]
    text = (pay / FEEDBACKS / "APPROVED_11.md").read_text(encoding="utf-8")
    assert "**Reviewer**: Ada" in text and f"line {proposal['claims'][0]['line']}" in text
    _told(local, pay, f"{FEEDBACKS}/APPROVED_11.md")
    assert local.request("planmark/adopt", {"feature": "PAY"})["proposals"] == []
    local.close()


def test_no_file_is_overwritten(local: LocalClient, pay: Path) -> None:
    Editor(local)
    local.begin([pay])
    local.command("planmark.createSubplan", {"feature": "PAY", "achievement": "1.1"})
    _told(local, pay, SUBPLAN)
    with pytest.raises(AnswerError, match="is the SUBPLAN of"):
        local.command("planmark.createSubplan", {"feature": "PAY", "achievement": "1.1"})
    with pytest.raises(AnswerError, match="no SUBPLAN to execute"):
        local.command("planmark.createExecution", {"feature": "PAY", "achievement": "1.2"})
    local.close()


def test_the_path_of_a_document_names_its_achievement(local: LocalClient, pay: Path) -> None:
    """Accept a path wherever a request takes `feature`, as the CLI does."""
    path = "work-space/plans/PAY/subplans/SUBPLAN_PAY_12.md"
    (pay / path).parent.mkdir(parents=True)
    (pay / path).write_text("# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\ny\n", encoding="utf-8")
    Editor(local)
    local.begin([pay])
    assert local.request("planmark/why", {"feature": path})["achievement"] == "1.2"
    assert local.request("planmark/nextPrompt", {"feature": path})["achievement"] == "1.2"
    created = local.command("planmark.createExecution", {"feature": path})
    assert created["path"] == "work-space/plans/PAY/execution/EXECUTION_TASK_PAY_12_01.md"
    plans = local.request("planmark/status", {"feature": "work-space/plans/PAY/"})["workspaces"][0]["plans"]
    assert [plan["feature"] for plan in plans] == ["PAY"]
    with pytest.raises(AnswerError, match="which achievement of PAY"):
        local.request("planmark/why", {"feature": "work-space/plans/PAY/"})
    with pytest.raises(AnswerError, match=r"is about 1\.2, not about 1\.1"):
        local.request("planmark/why", {"feature": path, "achievement": "1.1"})
    local.close()


def test_a_number_that_another_process_takes_is_skipped(local: LocalClient, pay: Path) -> None:
    """Take the number twice: before the edit, without telling the server, and while the editor applies the edit."""
    task = (pay / TASK).parent
    task.mkdir(parents=True, exist_ok=True)
    (pay / SUBPLAN).parent.mkdir(parents=True, exist_ok=True)
    (pay / SUBPLAN).write_text("# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\ny\n", encoding="utf-8")
    editor = Editor(local)
    local.begin([pay])
    (pay / TASK).write_text("theirs\n", encoding="utf-8")

    def overtaken(params: dict[str, Any]) -> dict[str, Any]:
        second = pay / TASK.replace("_01.md", "_02.md")
        if second.exists():
            return editor.apply(params)
        second.write_text("theirs\n", encoding="utf-8")
        return {"applied": False, "failureReason": "the file exists"}

    local.answers["workspace/applyEdit"] = overtaken
    created = local.command("planmark.createExecution", {"feature": "PAY", "achievement": "1.1"})
    assert created["applied"] and created["path"] == TASK.replace("_01.md", "_03.md")
    assert "**Execution Number**: 03" in (pay / created["path"]).read_text(encoding="utf-8")
    local.close()


def test_a_plan_is_closed_and_archived_by_edits(local: LocalClient, pay: Path) -> None:
    Editor(local)
    local.begin([pay])
    with pytest.raises(AnswerError, match=r"1\.1 has no SUBPLAN"):
        local.command("planmark.closePlan", {"feature": "PAY"})
    for number in ("11", "12"):
        (pay / FEEDBACKS / f"APPROVED_{number}.md").write_text("**Review Date**: 2026-01-02\n", encoding="utf-8")
    local.command("planmark.reindex", {})
    with pytest.raises(AnswerError, match="close it first"):
        local.command("planmark.archivePlan", {"feature": "PAY"})
    with pytest.raises(AnswerError, match="there is nothing to resume"):
        local.command("planmark.resumePlan", {"feature": "PAY"})
    closed = local.command("planmark.closePlan", {"uri": (pay / PLAN).as_uri()})
    assert closed == {
        "path": PLAN,
        "uri": (pay / PLAN).as_uri(),
        "changed": [(pay / PLAN).as_uri()],
        "notes": [],
        "applied": True,
        "failureReason": None,
    }
    assert "**Status**: ✅ Complete" in (pay / PLAN).read_text(encoding="utf-8")
    local.command("planmark.reindex", {})
    (pay / "README.md").write_text("[pay](work-space/plans/PAY/PLAN_PAY.md)\n", encoding="utf-8")
    moved = local.command("planmark.archivePlan", {"feature": "PAY"})
    assert moved["path"] == "work-space/archive/PAY/PLAN_PAY.md"
    assert moved["notes"] == ["README.md line 1 still leads to work-space/plans/PAY/: correct it"]
    assert (pay / moved["path"]).is_file() and not (pay / PLAN).parent.exists()
    local.close()


def test_a_plan_is_paused_and_resumed_by_edits(local: LocalClient, pay: Path) -> None:
    Editor(local)
    local.begin([pay])
    before = _all_states(local)
    for command, status, lifecycle in (("pause", "⏸️ Paused", "paused"), ("resume", "Planning", "active")):
        done = local.command(f"planmark.{command}Plan", {"uri": (pay / PLAN).as_uri()})
        assert (done["path"], done["applied"], done["changed"]) == (PLAN, True, [(pay / PLAN).as_uri()])
        assert f"{status}\n" in (pay / PLAN).read_text(encoding="utf-8")
        local.command("planmark.reindex", {})
        plans = local.command("planmark.status", {})["workspaces"][0]["plans"]
        assert [plan["lifecycle"] for plan in plans if plan["feature"] == "PAY"] == [lifecycle]
        assert _all_states(local) == before
        with pytest.raises(AnswerError, match=r"already|nothing to resume"):
            local.command(f"planmark.{command}Plan", {"feature": "PAY"})
    local.close()


def test_an_achievement_is_dropped_by_an_edit(local: LocalClient, pay: Path) -> None:
    Editor(local)
    local.begin([pay])
    about = {"feature": "PAY", "achievement": "1.1"}
    with pytest.raises(AnswerError, match="the note is empty"):
        local.command("planmark.dropAchievement", about)
    dropped = local.command("planmark.dropAchievement", {**about, "note": "not this year"})
    assert (dropped["path"], dropped["applied"]) == (PLAN, True)
    text = (pay / PLAN).read_text(encoding="utf-8")
    assert "**Achievement 1.1**: Refunds (DROPPED: not this year)\n" in text
    assert "- Achievement 1.1: Refunds (DROPPED)\n" in text
    local.command("planmark.reindex", {})
    assert _all_states(local) == {("PAY", "1.1"): "dropped", ("PAY", "1.2"): "blocked"}
    local.close()


def test_an_edit_that_the_user_rejects_is_reported(local: LocalClient, pay: Path) -> None:
    local.answers["workspace/applyEdit"] = lambda _: {"applied": False, "failureReason": "no"}
    local.begin([pay])
    result = local.command("planmark.createSubplan", {"feature": "PAY", "achievement": "1.1"})
    assert (result["applied"], result["failureReason"]) == (False, "no")
    assert not [r for r in local.requests if r["method"] == "window/showDocument"]
    local.close()


def test_an_editor_that_cannot_create_files_gets_an_error(local: LocalClient, pay: Path) -> None:
    local.begin([], with_roots(bare(), [pay]))
    with pytest.raises(AnswerError, match="cannot create files"):
        local.command("planmark.createSubplan", {"feature": "PAY", "achievement": "1.1"})
    local.close()


def test_the_prompt_is_shown_from_the_cache_folder(local: LocalClient, pay: Path, cache: Path) -> None:
    local.begin([pay])
    result = local.command("planmark.nextPrompt", {"feature": "PAY"})
    shown = uri_path(local.asked("window/showDocument")["uri"])
    assert shown.is_relative_to(cache)
    assert shown.read_text(encoding="utf-8") == result["prompt"]
    assert list(pay.rglob("*.md")) == [pay / PLAN]
    hover = local.request("textDocument/hover", _at((pay / PLAN).as_uri(), 11, 5))["contents"]["value"]
    assert "tokens" not in hover  # The client requested the prompt of the plan, not the prompt of the achievement.
    asked = local.command("planmark.nextPrompt", {"feature": "PAY", "achievement": "1.1"})
    hover = local.request("textDocument/hover", _at((pay / PLAN).as_uri(), 11, 5))["contents"]["value"]
    assert f"about {asked['tokens']['total']:,} tokens" in hover
    local.close()


def test_a_client_that_delivers_prompts_gets_only_the_prompt(local: LocalClient, pay: Path, cache: Path) -> None:
    params = {**with_roots(recorded(), [pay]), "initializationOptions": {"promptDelivery": "client"}}
    local.begin([], params)
    assert local.command("planmark.nextPrompt", {"feature": "PAY"})["schema"] == "planmark.prompt/1"
    assert not [r for r in local.requests if r["method"] == "window/showDocument"]
    assert not (cache / "prompts").exists()
    local.close()


def test_a_document_is_shown_at_its_line(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    result = local.command("planmark.open", {"path": PLAN, "line": 12})
    assert result == {"uri": (pay / PLAN).as_uri(), "line": 12, "shown": True}
    assert local.asked("window/showDocument")["selection"]["start"] == {"line": 11, "character": 0}
    with pytest.raises(AnswerError, match="no document"):
        local.command("planmark.open", {"path": "../secret.md"})
    local.close()


def test_every_command_of_lenses_and_actions_can_be_run(local: LocalClient, example: Path) -> None:
    """Check that the server knows every command that it offers and accepts its arguments."""
    Editor(local)
    local.begin([example])
    tried = 0
    for path in sorted(example.rglob("*.md")):
        uri = path.as_uri()
        lenses = local.request("textDocument/codeLens", {"textDocument": {"uri": uri}}) or []
        commands = [local.request("codeLens/resolve", lens)["command"] for lens in lenses]
        for line in {lens["range"]["start"]["line"] for lens in lenses}:
            here = {"line": line, "character": 0}
            context: dict[str, Any] = {"diagnostics": []}
            params = {"textDocument": {"uri": uri}, "range": {"start": here, "end": here}, "context": context}
            actions = local.request("textDocument/codeAction", params)
            writing = ("planmark.create", "planmark.resolveFix")
            offered = [action["command"] for action in actions if "command" in action]
            prompts = [command for command in offered if command["command"] == "planmark.nextPrompt"]
            texts = [local.request("planmark/nextPrompt", command["arguments"][0]) for command in prompts]
            assert len({text["prompt"] for text in texts}) == len(texts), prompts
            commands += [command for command in offered if not command["command"].startswith(writing)]
        for command in commands:
            assert command["command"] in COMMANDS
            assert local.request("workspace/executeCommand", {k: command[k] for k in ("command", "arguments")})
            tried += 1
    assert tried > 60
    local.close()


def test_a_quick_fix_removes_its_diagnostic(local: LocalClient, pay: Path) -> None:
    for number in ("11", "12"):
        (pay / FEEDBACKS / f"APPROVED_{number}.md").write_text("**Review Date**: 2026-01-02\n", encoding="utf-8")
    local.begin([pay])
    uri = (pay / PLAN).as_uri()
    (finding,) = local.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
    assert finding["code"] == "plan-complete"
    params = {"textDocument": {"uri": uri}, "range": finding["range"], "context": {"diagnostics": [finding]}}
    fixes = [a for a in local.request("textDocument/codeAction", params) if a.get("kind") == "quickfix"]
    assert [fix["title"] for fix in fixes] == ["Write `✅ Complete`"]
    assert fixes[0]["diagnostics"] == [finding] and "edit" not in fixes[0]
    only = {**params, "context": {"diagnostics": [finding], "only": ["quickfix"]}}
    assert local.request("textDocument/codeAction", only) == fixes
    only["context"] = {"diagnostics": [finding], "only": ["refactor"]}
    assert local.request("textDocument/codeAction", only) == []
    carry_out(local.request("codeAction/resolve", fixes[0])["edit"])
    assert (pay / PLAN).read_text(encoding="utf-8") == TEXT.replace("In Progress", "✅ Complete")
    _told(local, pay, PLAN)
    assert local.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"] == []
    with pytest.raises(AnswerError, match="no longer exists"):
        local.request("codeAction/resolve", fixes[0])
    local.close()


def test_a_draft_of_a_fix_has_room_for_issues_and_is_not_written(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    about = {"plan": PLAN, "achievement": "1.1", "reviewer": "Ada"}
    draft = local.request("planmark/draftFix", about)
    path = pay / FEEDBACKS / "FIX_11.md"
    assert (draft["path"], draft["uri"]) == (f"{FEEDBACKS}/FIX_11.md", path.as_uri())
    assert not path.exists()
    lines = draft["text"].split("\n")
    assert [line for line in lines if line.startswith("## ")] == [
        "## Critical Issues",
        "## Major Issues",
        "## Minor Issues",
    ]
    first = draft["line"] - 1
    assert lines[first - 2 : first + 1] == ["## Critical Issues", "", "1. "]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draft["text"], encoding="utf-8")
    _told(local, pay, f"{FEEDBACKS}/FIX_11.md")
    assert _states(local)["1.1"] == "needs_fix"
    lines[first] += "Totals are wrong\n2. Tax is missing"
    lines[lines.index("## Minor Issues") + 1] += "\n- A typo\n"
    path.write_text("\n".join(lines), encoding="utf-8")
    _told(local, pay, f"{FEEDBACKS}/FIX_11.md")
    prompt = local.request("planmark/nextPrompt", about)["prompt"]
    assert all(title in prompt for title in ("Totals are wrong", "Tax is missing", "A typo"))
    assert local.request("planmark/draftFix", about)["path"] == f"{FEEDBACKS}/FIX_11_R2.md"
    for wrong in ({"reviewer": "  "}, {"achievement": "9.9"}):
        with pytest.raises(AnswerError):
            local.request("planmark/draftFix", {**about, **wrong})
    local.close()


def test_messages_name_the_commands_of_the_editor(local: LocalClient, pay: Path) -> None:
    (pay / FEEDBACKS / "FIX_11.md").write_text("# FIX 1.1\n\n**Review Date**: 2026-01-02\n", encoding="utf-8")
    titles = {"next": "Next Prompt", "close": "Close Plan"}
    local.begin([pay], {**with_roots(recorded(), [pay]), "initializationOptions": {"commandTitles": titles}})
    items = local.request("textDocument/diagnostic", {"textDocument": {"uri": (pay / PLAN).as_uri()}})["items"]
    (message,) = (item["message"] for item in items if item["code"] == "fix-unresolved")
    assert message == "1.1 needs a fix that is not resolved: address the fix (Next Prompt)"
    for number in ("11_R2", "12"):
        (pay / FEEDBACKS / f"APPROVED_{number}.md").write_text("**Review Date**: 2026-01-03\n", encoding="utf-8")
    _told(local, pay, f"{FEEDBACKS}/APPROVED_11_R2.md", f"{FEEDBACKS}/APPROVED_12.md")
    with pytest.raises(AnswerError, match=r"Close Plan\)?$"):
        local.command("planmark.pausePlan", {"plan": PLAN})
    local.close()


def test_fixing_all_applies_the_safe_fixes_of_a_document(local: LocalClient, pay: Path) -> None:
    text = TEXT.replace("In Progress", "🏁 In Progress") + "\n## Notes\n\n- [X ] one\n- [] two\n"
    (pay / PLAN).write_text(text, encoding="utf-8")
    for number in ("11", "12"):
        (pay / FEEDBACKS / f"APPROVED_{number}.md").write_text("**Review Date**: 2026-01-02\n", encoding="utf-8")
    started = local.begin([pay])
    kinds = started["capabilities"]["codeActionProvider"]["codeActionKinds"]
    assert kinds == ["quickfix", "source.fixAll.planmark"]
    uri = (pay / PLAN).as_uri()
    states = _states(local)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}

    def actions(*only: str) -> list[dict[str, Any]]:
        context: dict[str, Any] = {"diagnostics": [], **({"only": list(only)} if only else {})}
        found = local.request(
            "textDocument/codeAction", {"textDocument": {"uri": uri}, "range": whole, "context": context}
        )
        return [action for action in found if action.get("kind") == "source.fixAll.planmark"]

    assert actions() == []
    (action,) = actions("source.fixAll")
    assert actions("source.fixAll.planmark") == [action]
    carry_out(local.request("codeAction/resolve", action)["edit"])
    # The Status that says "In Progress" of a complete plan needs a decision: writing it would close the plan.
    assert (pay / PLAN).read_text(encoding="utf-8") == text.replace("[X ]", "[x]").replace("[] ", "[ ] ")
    _told(local, pay, PLAN)
    assert _states(local) == states
    assert actions("source.fixAll") == []
    local.close()


def test_renumbering_leaves_every_state_as_it_was(local: LocalClient, example: Path) -> None:
    local.begin([example])
    before = _all_states(local)
    place = _definition(example, "1.2")
    carry_out(local.request("textDocument/rename", {**place, "newName": "3.7"}))
    local.command("planmark.reindex")
    renamed = {("CHECKOUT", "1.2"): ("CHECKOUT", "3.7")}
    assert _all_states(local) == {renamed.get(key, key): state for key, state in before.items()}
    assert not _mentions(example, "CHECKOUT_12")
    local.close()


def test_renaming_a_plan_file_renames_its_feature(local: LocalClient, example: Path) -> None:
    """Rename the PLAN in the editor's file tree: its documents, its folder and every mention follow."""
    local.begin([example])
    before = _all_states(local)
    plan = example / CHECKOUT
    renaming = {"oldUri": plan.as_uri(), "newUri": plan.with_name("PLAN_TILL.md").as_uri()}
    edit = local.request("workspace/willRenameFiles", {"files": [renaming]})
    edit["documentChanges"].append({"kind": "rename", **renaming})
    carry_out(edit)
    local.command("planmark.reindex")
    renamed = {key: ("TILL", key[1]) for key in before if key[0] == "CHECKOUT"}
    assert _all_states(local) == {renamed.get(key, key): state for key, state in before.items()}
    assert not _mentions(example, "PLAN_CHECKOUT")
    local.close()


def test_a_rename_that_would_collide_is_refused(local: LocalClient, example: Path) -> None:
    local.begin([example])
    plan, place = example / CHECKOUT, _definition(example, "1.2")
    assert local.request("textDocument/prepareRename", place)["placeholder"] == "1.2"
    with pytest.raises(AnswerError, match=r"has a 1\.3 already"):
        local.request("textDocument/rename", {**place, "newName": "1.3"})
    with pytest.raises(AnswerError, match="not an achievement id"):
        local.request("textDocument/rename", {**place, "newName": "one"})
    files = [{"oldUri": plan.as_uri(), "newUri": plan.with_name("PLAN_SEARCH.md").as_uri()}]
    with pytest.raises(AnswerError, match="SEARCH exists already"):
        local.request("workspace/willRenameFiles", {"files": files})
    assert local.request("textDocument/prepareRename", _at(plan.as_uri(), 1, 0)) is None
    local.close()


def test_an_editor_that_cannot_rename_files_gets_an_error(local: LocalClient, example: Path) -> None:
    local.begin([], with_roots(bare(), [example]))
    with pytest.raises(AnswerError, match="does not support"):
        local.request("textDocument/rename", {**_definition(example, "1.2"), "newName": "3.7"})
    local.close()


def test_requests_return_what_the_command_line_prints(
    local: LocalClient, example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    from planmark.cli.main import main

    local.begin([example])
    twins: list[tuple[str, dict[str, Any], list[str]]] = [
        ("planmark/status", {}, ["status", "--json", "--all"]),
        ("planmark/status", {"feature": "@SEARCH"}, ["status", "@SEARCH", "--json"]),
        ("planmark/nextPrompt", {"feature": "check"}, ["next", "check", "--json"]),
        ("planmark/nextPrompt", {"achievement": "2.1", "feature": "CHECKOUT"}, ["next", "@CHECKOUT", "--achievement", "2.1", "--json"]),
        ("planmark/nextPrompt", {"feature": "SEARCH", "ignoreClaims": True}, ["next", "@SEARCH", "--ignore-claims", "--json"]),
        ("planmark/why", {"feature": "CHECKOUT", "achievement": "1.3"}, ["why", "@CHECKOUT", "1.3", "--json"]),
        ("planmark/review", {"feature": "SEARCH", "achievement": "1.2", "dryRun": True}, ["next", "@SEARCH", "--achievement", "1.2", "--review", "auto", "--dry-run", "--json"]),
        ("planmark/review", {"feature": "SEARCH", "achievement": "1.2", "reviewers": "docs,quality"}, ["next", "@SEARCH", "--achievement", "1.2", "--review", "docs,quality", "--json"]),
        ("planmark/batch", {"feature": "SEARCH", "count": 3}, ["next", "@SEARCH", "--batch", "3", "--json"]),
        ("planmark/nextPrompt", {"feature": "SEARCH", "since": "p_none"}, ["next", "@SEARCH", "--since", "p_none", "--json"]),
        ("planmark/research", {"feature": "SEARCH", "achievement": "3.1", "kind": "web"}, ["next", "@SEARCH", "--achievement", "3.1", "--step", "research", "--kind", "web", "--json"]),
        ("planmark/graph", {"feature": "CHECKOUT"}, ["graph", "@CHECKOUT", "--format", "json"]),
        ("planmark/find", {"query": "plan:SEARCH -type:verdict"}, ["find", "plan:SEARCH -type:verdict", "--json"]),
    ]  # fmt: skip
    for method, params, arguments in twins:
        ours = local.request(method, params)
        main(["--workspace", str(example), "--quiet", *arguments])
        theirs = json.loads(capsys.readouterr().out)
        for result in (ours, theirs):
            for part in (result, *result.get("prompts", ())):
                part.pop("run", None)
        assert ours == theirs, method
    local.close()


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        ("planmark/review", {"achievement": "1.2", "reviewers": "securty"}, "did you mean security"),
        ("planmark/review", {"achievement": "3.1", "reviewers": "docs"}, "nothing to review yet"),
        ("planmark/review", {"achievement": "1.2", "base": "--all"}, "base: "),
        ("planmark/batch", {"count": 7}, "from 1 to 6"),
        ("planmark/research", {"achievement": "3.1", "kind": "wep"}, "did you mean web"),
        ("planmark/research", {"achievement": "1.2"}, "nothing to research yet"),
    ],
)
def test_parts_that_do_not_suit(
    local: LocalClient, example: Path, method: str, params: dict[str, Any], says: str
) -> None:
    local.begin([example])
    with pytest.raises(AnswerError, match=says):
        local.request(method, {"feature": "SEARCH", **params})
    local.close()


def test_own_messages_have_names_of_their_own() -> None:
    assert all(
        method.startswith("planmark/") for method in (*NOTIFICATIONS_TO_CLIENT, *OWN_REQUESTS, *OWN_NOTIFICATIONS)
    )
    assert all(command.startswith("planmark.") for command in COMMANDS)


def _all_states(local: LocalClient) -> dict[tuple[str, str], str]:
    (workspace,) = local.request("planmark/status")["workspaces"]
    return {
        (plan["feature"], known["id"]): known["state"] for plan in workspace["plans"] for known in plan["achievements"]
    }


def _definition(root: Path, achievement: str) -> dict[str, Any]:
    """Return the place where CHECKOUT defines an achievement."""
    lines = (root / CHECKOUT).read_text(encoding="utf-8").split("\n")
    line = next(n for n, text in enumerate(lines) if text.startswith(f"**Achievement {achievement}**"))
    return _at((root / CHECKOUT).as_uri(), line, lines[line].index(achievement))


def _mentions(root: Path, name: str) -> list[str]:
    texts = [path for path in root.rglob("*.md") if name in path.read_text(encoding="utf-8") or name in path.name]
    return [path.name for path in texts]


def _at(uri: str, line: int, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def test_a_diagnostic_has_the_range_of_its_words_and_a_page(local: LocalClient, pay: Path) -> None:
    text = TEXT + "\n- 🎯 [X] see `SUBPLAN_PAY_77.md`\n- [X] done\n"
    (pay / PLAN).write_text(text, encoding="utf-8")
    local.begin([pay])
    uri = (pay / PLAN).as_uri()
    found = local.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
    words = {}
    for item in found:
        line = text.split("\n")[item["range"]["start"]["line"]].encode("utf-16-le")
        words[item["code"]] = line[item["range"]["start"]["character"] * 2 : item["range"]["end"]["character"] * 2]
        page = Path(url2pathname(urlsplit(item["codeDescription"]["href"]).path))
        assert page.read_text(encoding="utf-8").startswith(f"# {item['code']}\n")
    assert words["reference-missing"].decode("utf-16-le") == "SUBPLAN_PAY_77.md"
    assert words["checkbox-form"].decode("utf-16-le") == "[X]"
    local.close()


def test_every_offered_fix_removes_the_diagnostic(local: LocalClient, pay: Path) -> None:
    plan = TEXT.replace("1.1", "1.11").replace("1.2", "11.1")
    (pay / PLAN).write_text(plan + "\nSee APPROVED_111.md.\n", encoding="utf-8")
    verdict = pay / FEEDBACKS / "APPROVED_111.md"
    verdict.write_text("# APPROVED\n", encoding="utf-8")
    local.begin([pay])
    params = {"textDocument": {"uri": verdict.as_uri()}, "range": _whole(0), "context": {"diagnostics": []}}
    fixes = [a for a in local.request("textDocument/codeAction", params) if a.get("kind") == "quickfix"]
    renames = [fix for fix in fixes if fix["title"].startswith("Rename")]
    assert [fix["title"] for fix in renames] == [
        "Rename to APPROVED_01_11.md (1.11)",
        "Rename to APPROVED_11_01.md (11.1)",
    ]
    assert not any(fix["isPreferred"] for fix in renames)
    carry_out(local.request("codeAction/resolve", renames[1])["edit"])
    assert [path.name for path in verdict.parent.iterdir()] == ["APPROVED_11_01.md"]
    assert "See APPROVED_11_01.md." in (pay / PLAN).read_text(encoding="utf-8")
    local.close()


def _whole(line: int) -> dict[str, Any]:
    return {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 200}}


def test_a_misnamed_subplan_is_reported_and_renamed_instead_of_created(local: LocalClient, pay: Path) -> None:
    Editor(local)
    folder = (pay / SUBPLAN).parent
    folder.mkdir(parents=True)
    misnamed = folder / "SUBPLAN PAY 1.1.md"
    misnamed.write_text("# SUBPLAN\n\n**Achievement**: 1.1\n", encoding="utf-8")
    (pay / PLAN).write_text(f"{TEXT}\nSee [it](subplans/SUBPLAN%20PAY%201.1.md).\n", encoding="utf-8")
    local.begin([pay])
    uri = local.open(misnamed)
    document = {"textDocument": {"uri": uri}}
    with pytest.raises(AnswerError, match=r"SUBPLAN PAY 1\.1\.md: rename it to SUBPLAN_PAY_11\.md"):
        local.command("planmark.createSubplan", {"feature": "PAY", "achievement": "1.1"})
    place = {**document, "position": {"line": 0, "character": 3}}
    for method in ("textDocument/hover", "textDocument/definition", "textDocument/completion"):
        local.request(method, place)
    for method in ("textDocument/codeLens", "textDocument/documentSymbol", "textDocument/documentLink"):
        local.request(method, document)
    titles = [lens["command"]["title"] for lens in _lenses(local, pay / PLAN)]
    assert "▶ give the misnamed documents their names" in titles
    (finding,) = local.request("textDocument/diagnostic", document)["items"]
    assert finding["code"] == "document-name"
    params = {**document, "range": finding["range"], "context": {"diagnostics": [finding]}}
    actions = local.request("textDocument/codeAction", params)
    assert not any("Create the SUBPLAN" in action["title"] for action in actions)
    (fix,) = [action for action in actions if action.get("kind") == "quickfix"]
    assert fix["title"] == "Rename to SUBPLAN_PAY_11.md"
    carry_out(local.request("codeAction/resolve", fix)["edit"])
    assert [path.name for path in folder.iterdir()] == ["SUBPLAN_PAY_11.md"]
    assert "[it](subplans/SUBPLAN_PAY_11.md)" in (pay / PLAN).read_text(encoding="utf-8")
    local.close()


def _lenses(local: LocalClient, path: Path) -> list[dict[str, Any]]:
    found = local.request("textDocument/codeLens", {"textDocument": {"uri": path.as_uri()}})
    return [local.request("codeLens/resolve", lens) for lens in found]


def test_learning_through_a_client(local: LocalClient, tmp_path: Path) -> None:
    Editor(local)
    write_files(tmp_path, with_new_problem())
    local.begin([tmp_path])
    result = local.command("planmark.learn", {"feature": "FORGE", "achievement": "1.1"})
    assert (result["schema"], result["achievement"]) == ("planmark.learn/1", "1.1")
    assert [one["id"] for one in result["failures"]] == ["git-not-a-repository"]
    assert result["similar"][0]["feature"] == "MILL"
    of_document = local.command("planmark.learn", {"uri": (tmp_path / result["failures"][0]["path"]).as_uri()})
    assert of_document["achievement"] == "1.1"
    of_text = local.command("planmark.learn", {"text": "npm error code EINTEGRITY"})
    assert [one["id"] for one in of_text["failures"]] == ["npm-integrity"]
    assert local.command("planmark.learn", {"feature": "MILL"})["schema"] == "planmark.recurring/1"


def test_preflight_through_a_client(local: LocalClient, pay: Path) -> None:
    Editor(local)
    (pay / TASK).parent.mkdir(parents=True, exist_ok=True)
    (pay / TASK).write_text("# T\n\n**Status**: ✅ Complete\n\n## Completion Status\n\n- [ ] A\n", encoding="utf-8")
    local.begin([pay])
    about = {"feature": "PAY", "achievement": "1.1"}
    (found,) = local.command("planmark.preflight", about)["diagnostics"]
    assert (found["code"], found["path"], found["range"]["start"]["line"]) == ("criteria-open", TASK, 7)
    document = {"textDocument": {"uri": (pay / PLAN).as_uri()}}
    lenses = [local.request("codeLens/resolve", known) for known in local.request("textDocument/codeLens", document)]
    (lens,) = [known["command"] for known in lenses if known["command"]["title"] == "1 problem before review"]
    prompt = local.command(lens["command"], lens["arguments"][0])
    assert (prompt["step"], [known["line"] for known in prompt["preflight"]]) == ("finish_execution", [7])
    assert _states(local)["1.1"] == "awaiting_review"
    (plan,) = local.request("planmark/status")["workspaces"][0]["plans"]
    assert plan["next"]["step"] == "request_review"
