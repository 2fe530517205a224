"""`planmark/plansChanged`: a client that asks for the status whenever it is told always has the current one."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from lsp_client import Client, LocalClient, eventually, recorded, with_roots
from planmark.lsp import plans_changed
from sample_plan import FEEDBACKS, PLAN, TEXT

CREATED, CHANGED, DELETED = 1, 2, 3
METHOD = "planmark/plansChanged"
NEVER_SECONDS = 3600.0


def _wants(roots: list[Path]) -> dict[str, Any]:
    params = with_roots(recorded(), roots)
    return {**params, "initializationOptions": {"promptDelivery": "client", "plansChanged": True}}


class Plans:
    """The status as a client knows it that asks for it only when it is told."""

    def __init__(self, local: Client) -> None:
        self._local = local
        self._answered = -1
        self.status: dict[str, Any] = {}

    def told(self) -> list[dict[str, Any]]:
        """Return the notifications until now."""
        return [n["params"] for n in self._local.notifications if n["method"] == METHOD]

    def follow(self) -> dict[str, Any]:
        """Ask for the status if there was a notification since the last time, and return the last one known."""
        if (count := len(self.told())) != self._answered:
            self._answered = count
            self.status = self._local.request("planmark/status")
        return self.status

    def becomes(self, expected: Any) -> bool:
        """Tell whether the plans become as expected: (path → states of achievements)."""
        return eventually(lambda: self._shown() == expected)

    def _shown(self) -> dict[str, list[str]]:
        return {
            plan["path"]: [known["state"] for known in plan["achievements"]]
            for workspace in self.follow()["workspaces"]
            for plan in workspace["plans"]
        }


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def test_the_first_and_the_last_plan_are_told(local: LocalClient, pay: Path) -> None:
    (pay / PLAN).unlink()
    local.begin([], _wants([pay]))
    plans = Plans(local)
    assert plans.becomes({})
    local.files_changed((_write(pay / PLAN, TEXT), CREATED))
    assert plans.becomes({PLAN: ["no_subplan", "blocked"]})
    other = _write(pay / "work-space/plans/OTHER/PLAN_OTHER.md", TEXT)
    local.files_changed((other, CREATED))
    assert plans.becomes(
        {PLAN: ["no_subplan", "blocked"], other.relative_to(pay).as_posix(): ["no_subplan", "blocked"]}
    )
    for path in (other, pay / PLAN):
        path.unlink()
        local.files_changed((path, DELETED))
    assert plans.becomes({})
    assert plans.told()[-1]["workspace"] == str(pay)
    local.close()


def test_a_change_that_changes_no_state_is_told(local: LocalClient, pay: Path) -> None:
    local.begin([], _wants([pay]))
    plans = Plans(local)
    assert plans.becomes({PLAN: ["no_subplan", "blocked"]})
    local.files_changed((_write(pay / PLAN, TEXT.replace("Refunds", "Returns")), CHANGED))
    assert eventually(lambda: plans.follow()["workspaces"][0]["plans"][0]["achievements"][0]["title"] == "Returns")
    wrong = TEXT.replace("Refunds", "Returns").replace("Dependencies**: 1.1", "Dependencies**: 9.9")
    local.change(local.open(pay / PLAN), 2, wrong)
    assert eventually(lambda: plans.follow()["workspaces"][0]["plans"][0]["diagnostics"] != {"error": 0})
    local.files_changed((_write(pay / f"{FEEDBACKS}/ACCEPTED_11.md", "# Accepted\n"), CREATED))
    assert eventually(lambda: plans.follow()["workspaces"][0]["misnamed"])
    local.close()


def test_an_equal_answer_is_not_told(local: LocalClient, pay: Path) -> None:
    local.begin([], _wants([pay]))
    plans = Plans(local)
    assert plans.becomes({PLAN: ["no_subplan", "blocked"]})
    status, count = plans.follow(), len(plans.told())
    uri = local.open(pay / PLAN)
    local.change(uri, 2, TEXT + "\nMore words.\n")
    local.files_changed((_write(pay / "README.md", "# Notes\n"), CREATED))
    # The next change is told, and nothing before it.
    local.files_changed((_write(pay / f"{FEEDBACKS}/APPROVED_11.md", "# APPROVED\n"), CREATED))
    local.told("planmark/stateChanged")
    assert eventually(lambda: len(plans.told()) > count)
    assert len(plans.told()) == count + 1
    assert plans.follow() != status
    local.close()


def test_progress_and_the_end_of_reading_are_told(local: LocalClient, pay: Path, held: threading.Event) -> None:
    local.request("initialize", _wants([pay]))
    local.notify("initialized", {})
    local.told(METHOD)
    plans = Plans(local)
    workspace = plans.follow()["workspaces"][0]
    assert (workspace["complete"], workspace["plans"]) == (False, [])
    assert workspace["reading"] == {"done": 0, "of": 0}
    held.set()
    assert plans.becomes({PLAN: ["no_subplan", "blocked"]})
    assert plans.follow()["workspaces"][0]["reading"] is None
    local.close()


def test_folders_that_come_and_go_are_told(local: LocalClient, pay: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    _write(other / PLAN, TEXT)
    local.begin([], _wants([pay]))
    plans = Plans(local)
    added, removed = [{"uri": other.as_uri(), "name": "other"}], [{"uri": pay.as_uri(), "name": "pay"}]
    local.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": []}})
    assert eventually(lambda: len(plans.follow()["workspaces"]) == 2)
    local.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": removed}})
    assert eventually(lambda: [known["root"] for known in plans.follow()["workspaces"]] == [str(other)])
    assert eventually(lambda: plans.follow()["workspaces"][0]["plans"])
    local.close()


def test_a_client_that_does_not_ask_for_it_is_not_told(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    local.files_changed((_write(pay / f"{FEEDBACKS}/APPROVED_11.md", "# APPROVED\n"), CREATED))
    local.told("planmark/stateChanged")
    assert Plans(local).told() == []
    local.close()


def test_many_changes_are_few_notifications(local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the interval endless: the first change is told at once, and all others wait for its end."""
    monkeypatch.setattr(plans_changed, "MIN_NOTIFICATION_INTERVAL_SECONDS", NEVER_SECONDS)
    local.begin([], _wants([pay]))
    for number in (1, 2):
        local.files_changed((_write(pay / f"{FEEDBACKS}/APPROVED_1{number}.md", "# APPROVED\n"), CREATED))
        local.told(
            "planmark/stateChanged", lambda p, id_=f"1.{number}": any(c["achievement"] == id_ for c in p["changes"])
        )
    assert len(Plans(local).told()) == 1
    local.close()
