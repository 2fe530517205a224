"""A file with any name that a person may give to a document is read, or named with its correct name."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given

from planmark.formats.planmark.documents.file_names import parse_name
from unit.formats.planmark.workflow.misnamed_files import E, F, P, S, named, renamed, seen, states, text_of

SEPARATORS = st.sampled_from(["_", "-", ".", " ", "__", " - "])
CASES = st.sampled_from([str.upper, str.lower, str.title])
ENDINGS = st.sampled_from([".md", ".MD", ".Md", ".markdown"])
WORDS = st.sampled_from(
    ["SUBPLAN", "EXECUTION_TASK", "EXECUTION", "APPROVED", "FIX", "REJECTED", "NEEDS_FIX", "NEEDS_FIXES"]
)


@st.composite
def names(draw: st.DrawFn) -> str:
    """Generate a name that a person may give to a document of the achievement 1.1."""
    word, separator, change = draw(WORDS), draw(SEPARATORS), draw(CASES)
    parts = [*word.split("_")]
    if word in ("SUBPLAN", "EXECUTION_TASK") and draw(st.booleans()):
        parts.append("PAY")
    parts.append(draw(st.sampled_from(["11", "1.1", "1-1", "01_01", "1 1"])))
    if word.startswith("EXECUTION"):
        parts.append(draw(st.sampled_from(["01", "1", "02"])))
    parts += draw(st.sampled_from([[], [], ["search"], ["P-one"], ["final"]]))
    stem = separator.join(parts)
    return change(stem) + draw(ENDINGS)


@given(names(), st.sampled_from([P, S, E, F]))
def test_every_name_of_the_kind_is_read_or_named(name: str, folder: str) -> None:
    """Check also that after the fix the file is read, with the state that its content gives."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        path = f"{folder}/{name}"
        view = seen(Path(one), {path: text_of(name)})
        if parse_name(name) is not None:
            assert view.achievement_of(path) is not None or view.diagnostics_at(path)
            return
        assert len(named(view, path)) == 1
        assert states(view)[0][2] == "rename_document"
        assert {step for _, _, step in states(view)[1:]} == {"create_subplan"}
        new = renamed(Path(one), view, path)
        after = seen(Path(one), {})
        assert not after.snapshot.misnamed
        assert states(after)[0][2] != "create_subplan"
        assert states(after) == states(seen(Path(other), {new: text_of(name)}))
