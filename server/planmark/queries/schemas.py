"""The JSON Schemas of the public results."""

from __future__ import annotations

import msgspec

from planmark.coordination.lease import Lease
from planmark.metrics.report import MetricsReport
from planmark.queries.api_types import (
    AdoptResult,
    CacheResult,
    CheckResult,
    ErrorResult,
    PromptResult,
    StatusResult,
)
from planmark.queries.assignment import AssignmentResult
from planmark.queries.batch import BatchResult
from planmark.queries.explain import WhyResult
from planmark.queries.feature_costs import FeatureBudgetResult
from planmark.queries.find import FindResult
from planmark.queries.graph import GraphResult
from planmark.queries.holders import LeasesResult, ReadyResult
from planmark.queries.learning import LearnResult
from planmark.queries.part_results import ResearchResult, ReviewResult
from planmark.queries.profile import ProfileResult
from planmark.queries.recurring import RecurringResult
from planmark.queries.run_results import RunResult, RunsResult
from planmark.queries.waves import WavesResult
from planmark.queries.work_history import HistoryResult
from planmark.queries.work_report import ReportResult
from planmark.queries.work_results import FinishResult, WorkResult

SCHEMAS: dict[str, type[msgspec.Struct]] = {
    "adopt": AdoptResult,
    "status": StatusResult,
    "prompt": PromptResult,
    "batch": BatchResult,
    "budget": FeatureBudgetResult,
    "review": ReviewResult,
    "research": ResearchResult,
    "check": CheckResult,
    "why": WhyResult,
    "learn": LearnResult,
    "recurring": RecurringResult,
    "find": FindResult,
    "graph": GraphResult,
    "history": HistoryResult,
    "report": ReportResult,
    "waves": WavesResult,
    "lease": Lease,
    "leases": LeasesResult,
    "ready": ReadyResult,
    "assignment": AssignmentResult,
    "run": RunResult,
    "runs": RunsResult,
    "metrics": MetricsReport,
    "profile": ProfileResult,
    "cache": CacheResult,
    "work": WorkResult,
    "finish": FinishResult,
    "error": ErrorResult,
}
"""Mapping from the name of a result to its type. The JSON Schemas of the package are generated from these types."""


def json_schema(name: str) -> str:
    """Return the JSON Schema (draft 2020-12) of the result `name` as text. The schema also allows an `ErrorResult`."""
    types = list(dict.fromkeys((SCHEMAS[name], ErrorResult)))
    references, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    root_schema = references[0] if len(references) == 1 else {"anyOf": references}
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **root_schema, "$defs": components}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
