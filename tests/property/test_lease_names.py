"""Path components of plans and items, over any text: git accepts them, and different texts have different ones."""

from __future__ import annotations

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from planmark.coordination.lease_names import MAX_COMPONENT_BYTES, path_component

NAMES = (
    *(
        "1.2",
        "10.0.1",
        "T001",
        ":12-ab3f",
        "#01-basics",
        ".planning",
        "a..b",
        "a.",
        ".",
        "..",
        "",
        "%",
        "-x",
        "@",
        "@{",
    ),
    *("x.lock", "lock", "LOCK", "a.LOCK", ".lock", "a.lock.lock", "a b", "a\tb", "~1", "^", "a:b", "a?*[\\", "\x7f\0"),
    *("work-space/plans/PAY/PLAN_PAY.md", "é.md", "日本", "\ud800", "\udcff", "x" * 500, "." * 200, "é" * 99 + ".lock"),
)
TEXTS = st.one_of(st.sampled_from(NAMES), st.text(max_size=40), st.text(st.sampled_from(".lockL%/-"), max_size=12))


@given(st.lists(TEXTS, min_size=1, max_size=12))
def test_git_accepts_every_component(texts: list[str]) -> None:
    parts = [path_component(text) for text in (*texts, *NAMES)]
    for part in parts:
        assert part.isascii() and part.isprintable() and 1 <= len(part) <= MAX_COMPONENT_BYTES
        assert not set(part) & set('/\\:*?"<>| ') and part[0] != "." and part[-1] != "."
        assert part.casefold() != "lock"
    for ref in (f"refs/planmark/leases/{'/'.join(parts)}", f"refs/heads/planmark/{'/'.join(parts)}"):
        done = subprocess.run(["git", "check-ref-format", ref], check=False)
        assert done.returncode == 0, ref


@given(TEXTS, TEXTS)
def test_different_texts_have_different_components(one: str, other: str) -> None:
    assert (path_component(one) == path_component(other)) == (one == other)


@given(st.text(st.sampled_from("abcXYZ019_-"), min_size=1, max_size=40).filter(lambda text: text.casefold() != "lock"))
def test_plain_texts_stay_as_they_are(text: str) -> None:
    assert path_component(text) == text
    assert path_component(f"{text}.{text}") == f"{text}.{text}"


def test_a_component_is_readable() -> None:
    assert path_component("work-space/plans/PAY/PLAN_PAY.md") == "work-space%2Fplans%2FPAY%2FPLAN_PAY.md"
    assert path_component("x.lock") == "x.%6Cock"
