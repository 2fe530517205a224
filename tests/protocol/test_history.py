"""`planmark/history`: one plan, one workspace, or a question which workspace is meant."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import msgspec
import pytest

from fixture import write_files
from lsp_client import AnswerError, LocalClient
from planmark.queries.schemas import json_schema
from sample_plan import FEEDBACKS, PLAN, TEXT

APPROVED = "# APPROVED: Refunds\n\n**Reviewer**: Ada\n**Review Date**: 2026-01-05\n"
OTHER = "work-space/plans/TILL/PLAN_TILL.md"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a workspace with two plans and an approval."""
    write_files(tmp_path / "shop", {PLAN: TEXT, OTHER: TEXT, f"{FEEDBACKS}/APPROVED_11.md": APPROVED})
    return tmp_path / "shop"


def test_the_history_of_a_workspace_and_of_a_plan(local: LocalClient, shop: Path) -> None:
    local.begin([shop])
    result = local.request("planmark/history", {})
    jsonschema.Draft202012Validator(msgspec.json.decode(json_schema("history"))).validate(result)
    assert [plan["feature"] for plan in result["plans"]] == ["PAY", "TILL"]
    assert result["plans"][0]["points"] == [{"at": "2026-01-05", "approved": 1, "event": "1.1 approved"}]
    one = local.request("planmark/history", {"workspace": str(shop), "plan": PLAN})
    assert (one["workspace"], one["plans"]) == (result["workspace"], result["plans"][:1])
    with pytest.raises(AnswerError, match="NONE"):
        local.request("planmark/history", {"feature": "NONE"})
    local.close()


def test_several_workspaces_need_a_name(local: LocalClient, shop: Path, tmp_path: Path) -> None:
    write_files(tmp_path / "till", {PLAN: TEXT})
    local.begin([shop, tmp_path / "till"])
    with pytest.raises(AnswerError, match="2 workspaces are open; choose one with `workspace`"):
        local.request("planmark/history", {})
    result = local.request("planmark/history", {"workspace": (tmp_path / "till").as_uri()})
    assert [plan["approved"] for plan in result["plans"]] == [0]
    with pytest.raises(AnswerError, match="no open workspace"):
        local.request("planmark/history", {"workspace": "/nowhere"})
    local.close()


def test_no_workspace(local: LocalClient) -> None:
    local.begin([])
    with pytest.raises(AnswerError, match="no workspace is open"):
        local.request("planmark/history", {})
    local.close()
