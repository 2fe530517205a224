"""The cost of checking can be measured on any workspace."""

from __future__ import annotations

from benchmarks.checks import EXAMPLE, measure


def test_a_keystroke_checks_one_section_one_document_and_one_plan() -> None:
    figures = measure(EXAMPLE)
    again = (f"{scope}_checked_again" for scope in ("sections", "documents", "plans"))
    assert [figures[name] for name in again] == [1, 1, 1]
    assert figures["folder_documents"] > 1  # type: ignore[operator]
    assert figures["folder_warm_ms_least"] > 0  # type: ignore[operator]
