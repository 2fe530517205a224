"""The marks of boxes, which integration sets one by one: the same text in every order, and no other change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.run.box_lines import with_changed_marks, with_old_marks

BULLETS = ("-", "*", "+", "1.", "12)")
LINES = st.lists(
    st.one_of(
        st.sampled_from(["# Tasks", "", "text", "> quoted", "```", "- no box", "-[ ] no space", "- [x](link)"]),
        st.builds(
            "{}{} [{}] {}".format,
            st.sampled_from(["", "  ", "\t", "> "]),
            st.sampled_from(BULLETS),
            st.sampled_from([" ", "x", "X", "-", "~"]),
            st.sampled_from(["1.1 Create `a.py`", "same", "same", "[nested]", "é\\1"]),
        ),
    ),
    max_size=12,
)
END = st.sampled_from(["", "\n", "\r\n"])


def ticked(lines: list[str], chosen: set[int]) -> list[str]:
    """Return lines with the open boxes of the chosen ones ticked."""
    return [
        line.replace("[ ]", "[x]", 1) if at in chosen and line.lstrip(" \t>").split(" [ ]")[0] in BULLETS else line
        for at, line in enumerate(lines)
    ]


@given(LINES, st.sets(st.integers(0, 11)), END)
def test_a_text_without_marks_is_the_text_before_the_ticks(lines: list[str], chosen: set[int], end: str) -> None:
    before, after = "\n".join(lines) + end, "\n".join(ticked(lines, chosen)) + end
    assert with_old_marks(before, after) == before
    assert with_changed_marks(before, before, after) == after


@given(LINES, st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_marks_of_two_branches_are_set_in_either_order(lines: list[str], one: set[int], other: set[int]) -> None:
    before = "\n".join(lines)
    first, second = "\n".join(ticked(lines, one)), "\n".join(ticked(lines, other))
    both = "\n".join(ticked(lines, one | other))
    assert with_changed_marks(with_changed_marks(before, before, first), before, second) == both
    assert with_changed_marks(with_changed_marks(before, before, second), before, first) == both


@given(LINES, LINES)
def test_a_text_keeps_everything_but_marks(lines: list[str], others: list[str]) -> None:
    before, after = "\n".join(lines), "\n".join(others)
    for text in (with_old_marks(before, after), with_changed_marks(after, before, after)):
        assert len(text) == len(after)
        differing = [(old, new) for old, new in zip(after, text, strict=True) if old != new]
        assert all({old, new} <= set(" xX-~") for old, new in differing)
