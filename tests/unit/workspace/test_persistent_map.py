"""The map of paths, compared with a plain dictionary."""

from __future__ import annotations

from planmark.workspace.persistent_map import PathMap


def test_nothing_new_is_the_same_object_and_one_change_copies_one_shelf() -> None:
    value = ["x"]
    made = PathMap({f"{number}.md": value for number in range(5000)})
    assert made.changed({"17.md": value, "absent.md": None}) is made
    after = made.changed({"17.md": ["y"]})
    assert after.differences(made) == {"17.md"}
    assert sum(one is not other for one, other in zip(after._shelves, made._shelves, strict=True)) == 1
    assert "17.md" in after and 17 not in after and after["17.md"] == ["y"] and made["17.md"] == ["x"]
