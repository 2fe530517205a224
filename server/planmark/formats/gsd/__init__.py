"""GSD (get-shit-done): `.planning/` with a ROADMAP, and a folder with PLANs and SUMMARYs for each phase."""

from __future__ import annotations

from planmark.formats.gsd.documents import GsdFacts, StateFacts, parse
from planmark.formats.gsd.evaluate import evaluate
from planmark.formats.gsd.layout import FOLDER, NAME, discover, role_of
from planmark.formats.gsd.links import links
from planmark.formats.gsd.passages import details
from planmark.formats.gsd.prompts import COMMAND_REPLACEMENTS, prompt
from planmark.formats.gsd.rules import check
from planmark.formats.gsd.ticking import explain, tick
from planmark.formats.gsd.work_scopes import scopes
from planmark.plans.format import Format, FormatDocument, PlanSite
from planmark.text.lazy_pattern import lazy_pattern

_MILESTONE_NAME = lazy_pattern(r"[\w.][\w. +-]{0,39}")
"""Pattern for the name of a milestone that is suitable as the name of a plan."""


def places(document: FormatDocument) -> tuple[str, ...]:
    """Return the path of GSD's settings if the document is ROADMAP, else no path. Prompts name the settings if they
    exist.
    """
    folder, _, name = document.path.rpartition("/")
    return (f"{folder}/config.json",) if name == "ROADMAP.md" else ()


def naming(site: PlanSite, document: FormatDocument) -> str:
    """Return the milestone that STATE names, as the name of the current tree.

    Return "" for any other document or tree.
    """
    is_current = site.lifecycle == "active" and site.folder.rpartition("/")[2] == FOLDER
    if not is_current or not isinstance(document.facts, StateFacts):
        return ""
    return document.facts.milestone if _MILESTONE_NAME.fullmatch(document.facts.milestone) else ""


FORMAT = Format(
    name=NAME,
    title="GSD",
    role_of=role_of,
    parse=parse,
    facts=GsdFacts,
    places=places,
    discover=discover,
    evaluate=evaluate,
    check=check,
    explain=explain,
    prompt=prompt,
    details=details,
    links=links,
    tick=tick,
    commands=COMMAND_REPLACEMENTS,
    naming=naming,
    scopes=scopes,
    types={"shipped_roadmap": ("roadmap", "shipped_roadmap"), "notes": ("note",)},
)
