"""The scope of a review depends on all changed files and not on their order."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from planmark.queries.review_scope import review_scope
from planmark.storage.git_diff import ChangedFile, ChangeKind

FILES = st.builds(
    ChangedFile,
    path=st.sampled_from(["a.md", "b.py", "tests/c.py", "d.json", "auth.py", "e.png", "../f.py"]),
    old_path=st.sampled_from(["a.md", "b.py", "auth.py", ""]),
    kind=st.sampled_from(get_args(ChangeKind)),
    line_count=st.integers(0, 5),
    added_lines=st.lists(st.sampled_from(["x", "password = 1"]), max_size=2).map(tuple),
    has_new_mode=st.booleans(),
)


@given(st.lists(FILES, max_size=5), FILES)
def test_another_file_never_makes_a_sensitive_change_harmless(changed: list[ChangedFile], more: ChangedFile) -> None:
    before, after = review_scope(changed), review_scope([*changed, more])
    if before.type == "sensitive":
        assert after.type == "sensitive"
    assert after.type != "none"


@given(st.lists(FILES, max_size=5))
def test_the_order_of_files_does_not_matter(changed: list[ChangedFile]) -> None:
    assert review_scope(changed).type == review_scope(changed[::-1]).type
