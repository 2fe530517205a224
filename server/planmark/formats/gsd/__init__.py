"""GSD (get-shit-done): `.planning/` with a ROADMAP, and a folder with PLANs and SUMMARYs for each phase."""

from __future__ import annotations

from planmark.formats.gsd.documents import Facts, parse
from planmark.formats.gsd.evaluate import evaluate
from planmark.formats.gsd.layout import NAME, discover, role_of
from planmark.formats.gsd.links import links
from planmark.formats.gsd.passages import details
from planmark.formats.gsd.prompts import COMMANDS, prompt
from planmark.formats.gsd.rules import check
from planmark.formats.gsd.ticking import explain, tick
from planmark.plans.format import Format, FormatDocument


def places(_document: FormatDocument) -> tuple[str, ...]:
    """Return no paths: everything that decides is a document of the tree."""
    return ()


FORMAT = Format(
    name=NAME,
    title="GSD",
    role_of=role_of,
    parse=parse,
    facts=Facts,
    places=places,
    discover=discover,
    evaluate=evaluate,
    check=check,
    explain=explain,
    prompt=prompt,
    details=details,
    links=links,
    tick=tick,
    commands=COMMANDS,
)
