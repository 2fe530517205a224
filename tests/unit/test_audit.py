"""The audit's evaluation of the answers of registries, and the licences of everything that the extension bundles."""

from __future__ import annotations

import json
import re
from types import ModuleType
from typing import Any

import pytest

from conftest import REPOSITORY
from repository_script import script

SCRIPTS = REPOSITORY / "client-vscode" / "scripts"


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return script(REPOSITORY / ".ci" / "audit.py", monkeypatch)


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return script(SCRIPTS / "notices.py", monkeypatch)


SOUND = {"name": "rich", "version": "15.0.0", "vulns": []}
FLAWED = {"name": "jinja2", "version": "2.4.1", "vulns": [{"id": "PYSEC-2019-217"}, {"id": "GHSA-x"}]}
SKIPPED = {"name": "x", "skip_reason": "Dependency not found on PyPI and could not be audited: x (1)"}


@pytest.mark.parametrize(
    ("dependencies", "vulnerable", "asked", "silent"),
    [
        ([SOUND], [], 1, ""),
        ([SOUND, FLAWED], ["jinja2 2.4.1: PYSEC-2019-217, GHSA-x"], 2, ""),
        ([SKIPPED, FLAWED], ["jinja2 2.4.1: PYSEC-2019-217, GHSA-x"], 1, "1 of 2 not audited"),
        ([SKIPPED], [], 0, "1 of 1 not audited"),
    ],
)
def test_what_pip_audit_says(
    audit: ModuleType, dependencies: list[Any], vulnerable: list[str], asked: int, silent: str
) -> None:
    answer = audit.pip_answer(json.dumps({"dependencies": dependencies, "fixes": []}))
    assert (answer.vulnerable, answer.asked) == (vulnerable, asked)
    assert answer.silent.startswith(silent) and bool(answer.silent) is bool(silent)


@pytest.mark.parametrize("out", ["", "Traceback", "[]", "{}", '{"dependencies": 3}'])
def test_no_answer_is_no_good_news(audit: ModuleType, out: str) -> None:
    for answer in (audit.pip_answer(out), audit.npm_answer(out)):
        assert (answer.vulnerable, answer.asked) == ([], 0)
        assert "could not ask: " in audit.told("x", answer)


def test_what_npm_says(audit: ModuleType) -> None:
    refused = audit.npm_answer('{"message": "405 Method Not Allowed", "statusCode": 405}')
    assert refused.silent == "405 Method Not Allowed"
    report = {
        "auditReportVersion": 2,
        "vulnerabilities": {
            "lodash": {"severity": "high", "via": [{"title": "Prototype Pollution"}]},
            "x": {"severity": "low", "via": ["lodash"]},
        },
        "metadata": {"dependencies": {"total": 7}},
    }
    answer = audit.npm_answer(json.dumps(report))
    assert answer.vulnerable == ["lodash (high): Prototype Pollution", "x (low): by what it uses"]
    assert (answer.asked, answer.silent) == (7, "")


@pytest.mark.parametrize(("vulnerable", "code"), [([], 0), (["jinja2 2.4.1: x"], 1)])
def test_only_what_is_known_to_be_vulnerable_fails(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    vulnerable: list[str],
    code: int,
) -> None:
    monkeypatch.setattr(audit, "_said", lambda *_: "")
    monkeypatch.setattr(audit, "pip_answer", lambda _: audit.Answer(vulnerable, 1))
    assert audit.main("python") == code
    assert capsys.readouterr().out.count("could not ask") == len(audit.NPM)


def test_the_sources_import_of_npm_only_what_the_notices_name(notices: ModuleType) -> None:
    found = set()
    for path in (REPOSITORY / "client-vscode" / "src").rglob("*.ts"):
        found |= set(
            re.findall(r'^import (?!type)[^;]*?from "([^.][^"]*)"', path.read_text(encoding="utf-8"), re.MULTILINE)
        )
    bare = {name.split("/")[0] for name in found if not name.startswith("node:") and name != "vscode"}
    assert bare == set(notices.BUNDLED_FROM_NPM)


@pytest.mark.parametrize(
    ("licence", "fits"),
    [
        ("MIT", True),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("(MIT OR Apache-2.0)", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("UNLICENSED", False),
        ("", False),
    ],
)
def test_licences(notices: ModuleType, licence: str, fits: bool) -> None:
    assert (notices.refused([notices.Part("x", "1", licence)]) == []) is fits
