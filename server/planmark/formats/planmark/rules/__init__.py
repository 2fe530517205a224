"""The rules of the methodology, composed from the topics. Each topic module contains its codes, rules and fixes."""

from __future__ import annotations

from planmark.diagnostics.rules import Rules
from planmark.formats.planmark.rules import (
    achievements,
    consistency,
    dependencies,
    finished,
    formatting,
    grammaplans,
    lookalikes,
    naming,
    parallel_json,
    preflight,
    progress,
    properties,
    references,
    state,
    statuses,
    structure,
    unread,
    verdicts,
)

TOPICS = tuple(
    topic.TOPIC
    for topic in (
        state,
        statuses,
        consistency,
        achievements,
        dependencies,
        parallel_json,
        verdicts,
        naming,
        unread,
        progress,
        preflight,
        properties,
        references,
        structure,
        grammaplans,
        formatting,
        lookalikes,
    )
)
"""The topics, in the order in which the catalogue of codes shows them."""
RULES = Rules(
    codes=tuple(code for topic in TOPICS for code in topic.codes),
    section=tuple(rule for topic in TOPICS for rule in topic.section),
    document=tuple(rule for topic in TOPICS for rule in topic.document),
    plan=tuple(rule for topic in TOPICS for rule in topic.plan),
    workspace=tuple(rule for topic in TOPICS for rule in topic.workspace),
    fixes={kind: make for topic in TOPICS for kind, make in topic.fixes},
    references=references.RULES,
    finish_reasons=finished.finished_documents,
    is_relevant=finished.is_relevant,
    names_that_matter=progress.names_that_matter,
    muted_elsewhere=state.CODES_MUTED_ELSEWHERE | preflight.CODES_MUTED_ELSEWHERE,
)
"""All rules and fixes of the methodology: its part `rules` (see `METHODOLOGY_PARTS`)."""
