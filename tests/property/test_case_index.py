"""The index of cases: after every edit it answers as a new one, and it has an answer for any text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.workspace.case_index import CaseIndex
from unit.workspace.case_texts import TOPICS, ask, workspace


@given(st.text(max_size=80))
def test_no_text_makes_the_search_fail(text: str) -> None:
    assert all(one.score > 0 for one in ask(CaseIndex(), workspace(), text + " " + TOPICS[2]))


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["a/0.md", "b/1.md", "c/2.md", "d/3.md", "a/new.md"]),
        st.one_of(st.none(), st.lists(st.sampled_from((*TOPICS, "", "x\ud800y\u0000z")), max_size=4).map("\n".join)),
    ),
    max_size=6,
)


@given(EDITS)
def test_edited_index_answers_as_a_new_one(edits: list[tuple[str, str | None]]) -> None:
    edited, texts = CaseIndex(), workspace()
    for path, text in edits:
        texts.pop(path, None)
        if text is not None:
            texts[path] = text
        assert ask(edited, texts, TOPICS[0]) == ask(CaseIndex(), texts, TOPICS[0])
        assert ask(edited, texts, " ".join(TOPICS)) == ask(CaseIndex(), texts, " ".join(TOPICS))
