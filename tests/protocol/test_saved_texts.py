"""Open documents whose files are deleted: an unchanged tab is not evidence, unsaved changes are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lsp_client import AnswerError, LocalClient, bare, eventually, recorded, with_roots
from sample_plan import FEEDBACKS, PLAN, TEXT

CREATED, CHANGED, DELETED = 1, 2, 3
VERDICT = "# APPROVED\n\n**Review Date**: 2026-01-02\n"
APPROVED = f"{FEEDBACKS}/APPROVED_11.md"


def _verdict(pay: Path, text: str = VERDICT, encoding: str = "utf-8") -> Path:
    path = pay / APPROVED
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding=encoding, newline="")
    return path


def _state(local: LocalClient) -> str:
    plans = local.request("planmark/status")["workspaces"][0]["plans"]
    return next(str(known["state"]) for plan in plans for known in plan["achievements"] if known["id"] == "1.1")


def _delete(local: LocalClient, path: Path) -> None:
    path.unlink()
    local.files_changed((path, DELETED))


@pytest.mark.parametrize("watches", [True, False])
def test_the_deleted_file_of_an_unchanged_tab_is_no_evidence(local: LocalClient, pay: Path, *, watches: bool) -> None:
    path = _verdict(pay)
    local.begin([], with_roots(recorded() if watches else bare(), [pay]))
    uri = local.open(path)
    assert _state(local) == "approved"
    path.unlink()
    if watches:
        local.files_changed((path, DELETED))
    assert eventually(lambda: _state(local) == "no_subplan")
    about = {"textDocument": {"uri": uri}}
    assert not local.request("textDocument/codeLens", about)
    hovered = local.request("textDocument/hover", {**about, "position": {"line": 0, "character": 3}})
    assert "approved" not in str(hovered["contents"]["value"])
    assert local.request("textDocument/diagnostic", about)["items"] == []
    # The file comes back, and its tab is still open.
    local.files_changed((_verdict(pay), CREATED))
    assert eventually(lambda: _state(local) == "approved")
    local.close()


def test_unsaved_changes_are_kept_when_their_file_is_deleted(local: LocalClient, pay: Path) -> None:
    path = _verdict(pay)
    local.begin([pay])
    uri = local.open(path)
    local.change(uri, 2, VERDICT + "\nGood work.\n")
    _delete(local, path)
    assert _state(local) == "approved"
    local.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert _state(local) == "no_subplan"
    local.close()


def _undone(local: LocalClient, uri: str, _path: Path) -> None:
    local.change(uri, 2, VERDICT + "\nGood work.\n")
    local.change(uri, 3, VERDICT)


def _saved(local: LocalClient, uri: str, path: Path) -> None:
    local.change(uri, 2, VERDICT + "\nGood work.\n")
    path.write_text(VERDICT + "\nGood work.\n", encoding="utf-8")
    local.notify("textDocument/didSave", {"textDocument": {"uri": uri}})


def _loaded_again(local: LocalClient, uri: str, path: Path) -> None:
    """Change the file by another program; the editor loads it before it reports the change of the file."""
    path.write_text(VERDICT + "\nGood work.\n", encoding="utf-8")
    local.change(uri, 2, VERDICT + "\nGood work.\n")
    assert _state(local) == "approved"


def _said_to_be_clean(local: LocalClient, uri: str, _path: Path) -> None:
    """Load a text that the server has never seen on the disk."""
    local.change(uri, 2, VERDICT + "\nGood work.\n")
    local.notify("textDocument/didSave", {"textDocument": {"uri": uri}})


@pytest.mark.parametrize("act", [_undone, _saved, _loaded_again, _said_to_be_clean])
def test_a_document_without_unsaved_changes_goes_with_its_file(local: LocalClient, pay: Path, act: Any) -> None:
    path = _verdict(pay)
    local.begin([pay])
    act(local, local.open(path), path)
    assert _state(local) == "approved"
    _delete(local, path)
    assert _state(local) == "no_subplan"
    local.close()


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (VERDICT.replace("\n", "\r\n").encode(), VERDICT),
        (b"\xef\xbb\xbf" + VERDICT.encode(), VERDICT),
        (f"{VERDICT}Caf\xe9\n".encode("latin-1"), f"{VERDICT}Caf\xe9\n"),
        (VERDICT.rstrip("\n").encode(), VERDICT),
    ],
    ids=["CRLF", "byte order mark", "Latin-1", "no last line end"],
)
def test_an_editor_may_show_a_file_with_other_characters(
    local: LocalClient, pay: Path, data: bytes, shown: str
) -> None:
    path = _verdict(pay)
    path.write_bytes(data)
    local.begin([pay])
    local.open(path, shown)
    assert _state(local) == "approved"
    _delete(local, path)
    assert _state(local) == "no_subplan"
    local.close()


def test_an_empty_tab_without_a_file_is_no_evidence(local: LocalClient, pay: Path) -> None:
    """Open a verdict by a name that does not exist, as `:edit APPROVED_11.md` does."""
    local.begin([pay])
    uri = local.open(pay / APPROVED, "\n")
    assert _state(local) == "no_subplan"
    local.change(uri, 2, VERDICT)
    assert _state(local) == "approved"
    local.close()


def test_a_renamed_plan_is_one_plan_while_its_tab_is_open(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    local.open(pay / PLAN, TEXT)
    new = (pay / PLAN).with_name("PLAN_PAID.md")
    (pay / PLAN).rename(new)
    local.files_changed((pay / PLAN, DELETED), (new, CREATED))
    assert [plan["path"] for plan in local.request("planmark/status")["workspaces"][0]["plans"]] == [
        PLAN.replace("PLAN_PAY", "PLAN_PAID")
    ]
    local.close()


def _is_told(local: LocalClient, path: Path) -> None:
    local.files_changed((path, CHANGED))


def _is_not_told(_local: LocalClient, _path: Path) -> None:
    """Leave the change to the next scan, as after an event that the editor has missed."""


@pytest.mark.parametrize("tell", [_is_told, _is_not_told])
@pytest.mark.parametrize("replaced", [True, False])
def test_a_changed_file_counts_although_an_unchanged_tab_shows_an_older_text(
    local: LocalClient, pay: Path, tell: Any, *, replaced: bool
) -> None:
    path = pay / PLAN
    local.begin([], with_roots(bare() if tell is _is_not_told else recorded(), [pay]))
    uri = local.open(path)
    text = TEXT.replace("Refunds", "Returns")
    if tell is _is_not_told:
        # The editor has loaded the text; otherwise the message about it may come after the change of the file.
        assert "Refunds" in _titles(local)
    if replaced:
        other = path.with_name("coming")
        other.write_text(text, encoding="utf-8", newline="\n")
        other.replace(path)
    else:
        path.write_text(text, encoding="utf-8", newline="\n")
    tell(local, path)
    assert eventually(lambda: "Returns" in _titles(local))
    # Then the editor loads it, a user types, and the changes are given up.
    local.change(uri, 2, text)
    assert "Returns" in _titles(local)
    local.change(uri, 3, text.replace("Returns", "Rebates"))
    assert "Rebates" in _titles(local)
    local.change(uri, 4, text)
    assert "Returns" in _titles(local)
    local.close()


def _titles(local: LocalClient) -> str:
    plans = local.request("planmark/status")["workspaces"][0]["plans"]
    return str([known["title"] for plan in plans for known in plan["achievements"]])


def test_typing_into_an_older_text_is_an_unsaved_change(local: LocalClient, pay: Path) -> None:
    path = pay / PLAN
    local.begin([pay])
    uri = local.open(path)
    path.write_text(TEXT.replace("Refunds", "Returns"), encoding="utf-8", newline="\n")
    local.files_changed((path, CHANGED))
    assert "Returns" in _titles(local)
    local.change(uri, 2, TEXT + "\nMore.\n")
    assert "Refunds" in _titles(local)
    local.close()


def test_no_edit_is_made_for_a_text_that_the_editor_does_not_show(local: LocalClient, pay: Path) -> None:
    """Rename an achievement while its PLAN is open with an older text: the edit would hit other words."""
    path = pay / PLAN
    local.begin([pay])
    uri = local.open(path)
    about = {"textDocument": {"uri": uri}, "position": {"line": _line_of("**Achievement 1.1**"), "character": 17}}
    assert local.request("textDocument/rename", {**about, "newName": "1.7"})
    path.write_text("New first line.\n" + TEXT, encoding="utf-8", newline="\n")
    local.files_changed((path, CHANGED))
    about["position"]["line"] += 1
    with pytest.raises(AnswerError, match="has changed on the disk: load it again"):
        local.request("textDocument/rename", {**about, "newName": "1.7"})
    local.change(uri, 2, "New first line.\n" + TEXT)
    assert local.request("textDocument/rename", {**about, "newName": "1.7"})
    local.close()


def _line_of(text: str) -> int:
    return TEXT[: TEXT.index(text)].count("\n")


def test_a_client_that_calls_an_older_text_clean_does_not_make_it_count(local: LocalClient, pay: Path) -> None:
    """Start the server while the editor holds an older text, which it believes to be that of the file."""
    path = pay / PLAN
    local.begin([pay])
    uri = local.open(path, TEXT.replace("Refunds", "Returns"))
    local.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert "Refunds" in _titles(local)
    local.change(uri, 2, TEXT.replace("Refunds", "Rebates"))
    assert "Rebates" in _titles(local)
    local.close()


def test_the_tab_of_a_deleted_verdict_is_no_evidence_for_a_new_server(local: LocalClient, pay: Path) -> None:
    """Restart the server in an editor that cannot say which documents have unsaved changes."""
    local.begin([pay])
    uri = local.open(pay / APPROVED, VERDICT)
    assert _state(local) == "no_subplan"
    local.change(uri, 2, VERDICT + "\nGood work.\n")
    assert _state(local) == "approved"
    local.change(uri, 3, VERDICT)
    assert _state(local) == "no_subplan"
    local.close()
