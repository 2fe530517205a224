"""Asks the registries of PyPI and npm whether something that is used here has a known vulnerability.

    python .ci/audit.py PYTHON_WITH_PIP_AUDIT

The exit code is 1 if a vulnerability is known. If a registry does not answer, or serves no advisories, as mirrors do, the audit
reports this and does not fail. So it works without a network. It prints each request, because silence is not an answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements-dev.lock"
NPM = ("client-vscode", "client-vscode/e2e", "benchmarks/race")
"""Folders with a `package-lock.json`."""
SECONDS = 120


class Answer(NamedTuple):
    """The answer of a registry: the vulnerable packages, the number of packages that it knows, and why it does not know more."""

    vulnerable: list[str]
    asked: int
    silent: str = ""


def pip_answer(out: str) -> Answer:
    """Read the JSON output of pip-audit."""
    found = _object(out).get("dependencies")
    if not isinstance(found, list):
        return Answer([], 0, "pip-audit has given no report")
    vulnerable = [
        f"{known['name']} {known['version']}: {', '.join(flaw['id'] for flaw in known['vulns'])}"
        for known in found
        if known.get("vulns")
    ]
    skipped = [known for known in found if "skip_reason" in known]
    silent = f"{len(skipped)} of {len(found)} not audited: {skipped[0]['skip_reason']}" if skipped else ""
    return Answer(vulnerable, len(found) - len(skipped), silent)


def npm_answer(out: str) -> Answer:
    """Read the JSON output of `npm audit`."""
    report = _object(out)
    if "auditReportVersion" not in report:
        return Answer([], 0, str(report.get("message") or "npm has given no report"))
    vulnerable = [
        f"{name} ({known['severity']}): {', '.join(v['title'] for v in known['via'] if isinstance(v, dict)) or 'by what it uses'}"
        for name, known in report["vulnerabilities"].items()
    ]
    return Answer(vulnerable, report["metadata"]["dependencies"]["total"])


def told(what: str, answer: Answer) -> str:
    """Describe an answer for people."""
    lines = [f"audit: {what}: {answer.asked} asked about, {len(answer.vulnerable)} vulnerable"]
    lines += [f"audit: {what}: {known}" for known in answer.vulnerable]
    if answer.silent:
        lines.append(f"audit: {what}: could not ask: {answer.silent}")
    return "\n".join(lines)


def _object(out: str) -> dict[str, Any]:
    try:
        read = json.loads(out)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _said(command: Sequence[str], folder: Path) -> str:
    """Return the standard output of a program; "" without one, or if the program does not end in time."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def main(python: str) -> int:
    """Asks, pip-audit by the interpreter that has it; tells, and gives the exit code."""
    command = [python, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format", "json", "--requirement", LOCK]
    answers = {LOCK: pip_answer(_said(command, ROOT))}
    answers |= {
        f"{folder}/package-lock.json": npm_answer(_said(["npm", "audit", "--json"], ROOT / folder)) for folder in NPM
    }
    for what, answer in answers.items():
        print(told(what, answer))
    return 1 if any(answer.vulnerable for answer in answers.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
