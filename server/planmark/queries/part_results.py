"""The public results about steps with parts: a prompt for each part, and the reviews that the work needs."""

from __future__ import annotations

import msgspec

from planmark.queries.api_types import PromptResult
from planmark.queries.review_scope import ChangeType, Reviewed


class ReviewResult(msgspec.Struct, frozen=True, kw_only=True):
    """The reviews that the work on a plan needs. The work is compared with the commit `base`."""

    schema: str = "planmark.review/1"
    workspace: str
    plan: str
    feature: str
    achievement: str | None
    base: str | None
    compared_with: str
    type: ChangeType
    reason: str
    evidence: tuple[str, ...]
    reviews: tuple[Reviewed, ...]
    skipped: tuple[str, ...]
    prompts: tuple[PromptResult, ...] = ()


class ResearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """The prompts of the research before a design, one prompt for each kind of research."""

    schema: str = "planmark.research/1"
    workspace: str
    plan: str
    feature: str
    achievement: str
    prompts: tuple[PromptResult, ...]
