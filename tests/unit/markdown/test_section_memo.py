"""A function of a section is computed once, and its result lives as long as the section."""

from __future__ import annotations

from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section, split_into_sections


def only(text: str) -> Section:
    (placed,) = split_into_sections(text)
    return placed.section


def test_a_section_is_asked_once_for_each_question() -> None:
    asked: list[tuple[str, int]] = []

    @memoize_per_section
    def characters(section: Section, times: int) -> int:
        asked.append((section.title, times))
        return len(section.text) * times

    section = only("# A\n")
    assert [characters(section, 1), characters(section, 2), characters(section, 1)] == [4, 8, 4]
    assert characters(only("# A\n"), 1) == 4
    assert asked == [("A", 1), ("A", 2), ("A", 1)]


def test_questions_do_not_meet() -> None:
    section = only("# A\n")
    assert memoize_per_section(lambda section: section.title)(section) == "A"
    assert memoize_per_section(lambda section: section.level)(section) == 1


def test_what_was_found_makes_no_other_section() -> None:
    one, other = only("# A\n"), only("# A\n")
    memoize_per_section(lambda section: section.title)(one)
    assert one == other and repr(one) == repr(other) and hash(one) == hash(other)
