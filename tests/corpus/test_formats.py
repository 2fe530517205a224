"""The readers of other plan formats, compared with the labels of real workspaces."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from conftest import REPOSITORY
from corpus.format_scores import LABELLED, added, from_output, load, read, score, score_folder, summary, write
from planmark.cli.main import main
from planmark.formats.registered import FORMATS

KNOWN: Mapping[str, Mapping[str, int]] = {
    "openspec": {"ids": 3},
    "kiro": {"parallel": 7},
    "superpowers": {"task lines": 2, "counts": 1, "problems found": 2},
}
"""Format → kind → mismatches in which the label contradicts the description of the format.

Two steps of superpowers lie in a code block that the description cannot tell from a quotation.
"""
FALSE_SHARE = 20
"""At most one of this many reported problems may be false."""
_PRESENT = [
    known.name
    for known in FORMATS
    if known.name in LABELLED and (REPOSITORY / "server/planmark/formats" / known.name / "__init__.py").is_file()
]


@pytest.fixture(scope="module")
def corpus() -> Path:
    """The folder that holds the labelled workspaces of all formats."""
    named = os.environ.get("PLANMARK_CORPUS")
    folder = (Path(named) if named else REPOSITORY.parent / "shared" / "corpus") / "formats"
    if not folder.is_dir():
        pytest.skip(f"the labelled workspaces of other formats are not present: {folder}")
    return folder


@pytest.mark.parametrize("name", _PRESENT)
def test_plans_tasks_and_problems_are_as_labelled(corpus: Path, name: str) -> None:
    folders = sorted(path for path in (corpus / name).iterdir() if path.is_dir())
    total = added(score_folder(folder, name) for folder in folders)
    false = total.mismatches.get("false problems", [])
    wrong = {kind: texts for kind, texts in total.mismatches.items() if kind != "false problems"}
    allowed = KNOWN.get(name, {})
    assert {kind: texts for kind, texts in wrong.items() if len(texts) > allowed.get(kind, 0)} == {}, summary(total)
    assert len(false) * FALSE_SHARE <= total.compared["problems found"], "\n".join(false)


@pytest.mark.parametrize("name", _PRESENT)
def test_the_command_line_shows_what_the_format_reads(
    corpus: Path, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = sorted(path for path in (corpus / name).iterdir() if path.is_dir())
    folder = min(folders, key=lambda path: (path / "files.txt").stat().st_size)
    expected = json.loads(folder.with_name(f"{folder.name}.expected.json").read_text(encoding="utf-8"))
    workspace = load(folder)
    write(workspace, tmp_path)
    outputs = []
    for command in (["status", "--all", "--json"], ["check", "--json"]):
        main(["--workspace", str(tmp_path), *command])
        outputs.append(json.loads(capsys.readouterr().out))
    shown = score(name, expected, from_output(*outputs, name))
    direct = score(name, expected, read(workspace, name))
    kinds = shown.mismatches.keys() - {"problems found", "false problems"}
    assert {kind: shown.mismatches[kind] for kind in kinds} == {
        kind: direct.mismatches[kind] for kind in direct.mismatches.keys() - {"problems found", "false problems"}
    }
