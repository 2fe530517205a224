"""The prompts of GSD as an agent reads them.

`PLANMARK_GOLDEN=1` writes the files again: read them before committing.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
from pathlib import Path

import pytest

from conftest import REPOSITORY
from planmark.formats.gsd.prompts import COMMAND_REPLACEMENTS, READINGS_BY_STEP, WORDINGS
from planmark.plans.model import Step
from planmark.prompts.safety import SHARED_SAFETY_SENTENCES, missing_sentences
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

GOLDEN = REPOSITORY / "tests" / "data" / "prompts_gsd"
ROADMAP, PAYING = ".planning/ROADMAP.md", ".planning/phases/04-paying"
DONE = {f"{PAYING}/04-02-SUMMARY.md": "Done.\n", f"{PAYING}/04-03-SUMMARY.md": "Done.\n"}
CASES: dict[Step, tuple[str, dict[str, str]]] = {
    "execute_plan": ("v1.1", {}),
    "plan_phase": ("mobile", {}),
    "discuss_phase": (
        "mobile",
        {".planning/workstreams/mobile/ROADMAP.md": "# Roadmap\n\n### Phase 1: Find a place\n"},
    ),
    "close_gaps": (
        "v1.1",
        {**DONE, f"{PAYING}/04-VERIFICATION.md": "---\nstatus: gaps_found\n---\n\nNo receipt.\n"},
    ),
    "verify_work": ("v1.1", {**DONE, f"{PAYING}/04-UAT.md": "---\nstatus: partial\n---\n\nPay by card: pending\n"}),
    "complete_milestone": ("v1.1", {**DONE, ROADMAP: "### Phase 3: A ✓\n### Phase 4: B ✓\n### Phase 5: C ✓\n"}),
    "confirm_state": ("planning", {ROADMAP: ""}),
    "wait": ("billing", {}),
    "closed": ("v1.0", {}),
}
"""Step → the plan of the example, and the files that differ from it. A file without a text does not exist."""
MAX_WORDS = 25


@pytest.mark.parametrize("step", CASES)
def test_a_prompt_is_as_it_was_read(step: Step, tmp_path: Path) -> None:
    feature, changed = CASES[step]
    root = Path(shutil.copytree(REPOSITORY / "examples" / "gsd", tmp_path / "gsd"))
    for path, text in changed.items():
        (root / path).write_text(text, encoding="utf-8", newline="\n") if text else (root / path).unlink()
    index = Index(root)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    (site,) = [site for site in view.snapshot.sites if site.feature == feature]
    prompt = prompt_of(view, site, None, step)
    golden = GOLDEN / f"{step}.md"
    if os.environ.get("PLANMARK_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(prompt.prompt, encoding="utf-8", newline="\n")
    assert prompt.prompt == golden.read_text(encoding="utf-8")
    assert missing_sentences(SHARED_SAFETY_SENTENCES[step], prompt.prompt) == []


def test_every_step_has_a_wording_a_reading_and_a_case() -> None:
    assert set(WORDINGS) == set(READINGS_BY_STEP) == set(CASES) == {Path(path).stem for path in GOLDEN.glob("*.md")}
    assert set(WORDINGS) <= set(SHARED_SAFETY_SENTENCES)


def test_sentences_are_short() -> None:
    texts = [text for wording in WORDINGS.values() for text in itertools.chain(*wording)]
    sentences = [
        one for text in (*texts, *COMMAND_REPLACEMENTS.values()) for one in re.split(r"(?<=[.:?]) (?=[A-Z`{])", text)
    ]
    assert [one for one in sentences if len(one.split()) > MAX_WORDS] == []
    assert set(COMMAND_REPLACEMENTS) == {
        "verdict",
        "create",
        "adopt",
        "new",
        "close",
        "archive",
        "pause",
        "resume",
        "drop",
    }
