"""`planmark/leasesChanged`, and what editors show of leases: lenses, hover, status and diagnostics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from command_line import runner
from lsp_client import LocalClient, eventually, recorded, with_roots
from planmark.cli.errors import DONE
from planmark.lsp import housekeeping
from sample_plan import PLAN

METHOD = "planmark/leasesChanged"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "ROUND_SECONDS", 0.05)


def wants(roots: list[Path]) -> dict[str, Any]:
    params = with_roots(recorded(), roots)
    options = {"promptDelivery": "client", "plansChanged": True, "leasesChanged": True}
    return {**params, "initializationOptions": options}


def told(local: LocalClient) -> list[list[str]]:
    """Return the agents of each notification."""
    params = [note["params"] for note in local.notifications if note["method"] == METHOD]
    return [[lease["agent"] for lease in one["leases"]] for one in params]


def test_a_client_is_told_who_holds_what(local: LocalClient, pay: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planmark = runner(capsys, "--workspace", str(pay))
    local.begin([], wants([pay]))
    page = {"textDocument": {"uri": (pay / PLAN).as_uri()}}

    def holders() -> list[str | None]:
        plans = local.request("planmark/status")["workspaces"][0]["plans"]
        return [known["holder"] and known["holder"]["agent"] for known in plans[0]["achievements"]]

    def titles() -> str:
        lenses = local.request("textDocument/codeLens", page)
        return " | ".join(local.request("codeLens/resolve", lens)["command"]["title"] for lens in lenses)

    assert eventually(lambda: holders() == [None, None])
    assert "held by" not in titles()
    assert planmark("next", "@PAY", "1.1", "--lease", "--agent", "claude-7").code == DONE
    assert eventually(lambda: told(local) == [["claude-7"]])
    assert eventually(lambda: holders() == ["claude-7", None])
    assert "held by claude-7 until" in titles()
    line = next(
        number for number, text in enumerate((pay / PLAN).read_text().splitlines()) if "Achievement 1.1**" in text
    )
    hover = local.request("textDocument/hover", {**page, "position": {"line": line, "character": 1}})
    assert "**held by claude-7 until" in hover["contents"]["value"]
    assert planmark("lease", "release", "@PAY", "1.1", "--agent", "claude-7").code == DONE
    assert eventually(lambda: told(local) == [["claude-7"], []])
    assert eventually(lambda: holders() == [None, None])
    assert "held by" not in titles()


def test_a_secret_in_a_note_is_masked(local: LocalClient, pay: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planmark = runner(capsys, "--workspace", str(pay))
    local.begin([], wants([pay]))
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    lease = planmark("next", "@PAY", "1.1", "--lease", "--agent", "claude-7", "--json").data["lease"]
    note = f"the push used {token}"
    assert planmark("lease", "renew", "@PAY", "1.1", "--agent", "claude-7", "--note", note).code == DONE

    def leases() -> list[dict[str, Any]]:
        params = [message["params"] for message in local.notifications if message["method"] == METHOD]
        return params[-1]["leases"] if params else []

    assert eventually(lambda: any(one["note"] for one in leases()))
    (shown,) = leases()
    assert token not in str(shown) and shown["note"].startswith("the push used ")
    assert shown["id"] == lease["id"]


def test_an_unreadable_lease_is_a_diagnostic(
    local: LocalClient, pay: Path, capsys: pytest.CaptureFixture[str], cache: Path
) -> None:
    planmark = runner(capsys, "--workspace", str(pay))
    assert planmark("next", "@PAY", "1.1", "--lease", "--agent", "claude-7").code == DONE
    (path,) = cache.glob("leases/*/*/1.1.json")
    local.begin([], wants([pay]))
    path.write_text("{")

    def codes() -> set[str]:
        page = {"textDocument": {"uri": (pay / PLAN).as_uri()}}
        return {known["code"] for known in local.request("textDocument/diagnostic", page)["items"]}

    assert eventually(lambda: "lease-unreadable" in codes())
    path.unlink()
    assert eventually(lambda: "lease-unreadable" not in codes())


def test_a_client_that_does_not_ask_is_not_told(
    local: LocalClient, pay: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    local.begin([], with_roots(recorded(), [pay]))
    runner(capsys, "--workspace", str(pay))("next", "@PAY", "1.1", "--lease", "--agent", "claude-7")

    def shown() -> bool:
        plans = local.request("planmark/status")["workspaces"][0]["plans"]
        return bool(plans and plans[0]["achievements"][0]["holder"])

    assert eventually(shown)
    assert told(local) == []
