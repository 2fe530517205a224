"""A cache of prompts. A cached prompt is returned only if all its inputs are unchanged."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from planmark.metrics.cache_stats import CacheCounts
from planmark.plans.model import Step
from planmark.plans.outside import OtherPlansInput
from planmark.plans.preflight import PreflightFinding
from planmark.prompts.learned import PromptReferences
from planmark.prompts.prompt import Prompt, PromptDiagnostic
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import Exists, PlanDocuments, Snapshot

MAX_CACHED_PROMPTS = 512
"""Maximum number of prompts in a cache."""


class PromptKey(NamedTuple):
    """The key of a prompt in the cache: the path of its plan, its step, its achievement, and its options.

    `counter` is the name of the counter of tokens. `templates` is the digest of the renderer. The other options are
    those of `PromptOptions`.
    """

    plan: str
    step: Step
    achievement: str | None
    token_budget: int | None
    counter: str
    findings: tuple[PromptDiagnostic, ...]
    preflight: tuple[PreflightFinding, ...]
    references: PromptReferences
    templates: str
    goes_on: bool = False


class CachedPrompt(NamedTuple):
    """A prompt with its inputs: the documents of the plan, the input from other plans, and the settings.

    `asked_paths` and `written_paths` have pairs: a path, and whether the file existed. `asked_paths` are the files
    whose existence the prompt depends on. `written_paths` are the files that the step writes.
    """

    prompt: Prompt
    plan: PlanDocuments
    outside: OtherPlansInput
    settings: Settings
    asked_paths: tuple[tuple[str, bool], ...]
    written_paths: tuple[tuple[str, bool], ...]


class PromptCache:
    """The prompts that were used last, at most `MAX_CACHED_PROMPTS` of them."""

    def __init__(self) -> None:
        self.counts = CacheCounts()
        self._prompts: OrderedDict[PromptKey, CachedPrompt] = OrderedDict()

    def __len__(self) -> int:
        return len(self._prompts)

    def get(
        self,
        prompt_key: PromptKey,
        plan: PlanDocuments,
        outside: OtherPlansInput,
        snapshot: Snapshot,
        exists: Exists,
        make: Callable[[Exists], Prompt],
    ) -> Prompt:
        """Return the cached prompt with the key `prompt_key` if its inputs are unchanged, else the result of `make`.

        `make` gets a function that tells whether a file exists, because the prompt depends on the answers. Errors of
        `make` are raised.
        """
        cached_prompt = self._prompts.get(prompt_key)
        if cached_prompt is not None and _is_valid(cached_prompt, plan, outside, snapshot, exists):
            self.counts.hits += 1
            self._prompts.move_to_end(prompt_key)
            return cached_prompt.prompt
        self.counts.misses += 1
        exists_by_path: dict[str, bool] = {}

        def recorded_exists(path: str) -> bool:
            exists_by_path[path] = exists(path)
            return exists_by_path[path]

        prompt = make(recorded_exists)
        existing_writes = tuple((path, snapshot.has(path)) for path in prompt.writes)
        self._prompts[prompt_key] = CachedPrompt(
            prompt, plan, outside, snapshot.settings, tuple(exists_by_path.items()), existing_writes
        )
        self._prompts.move_to_end(prompt_key)
        if len(self._prompts) > MAX_CACHED_PROMPTS:
            self._prompts.popitem(last=False)
            self.counts.evictions += 1
        return prompt


def _is_valid(
    cached_prompt: CachedPrompt, plan: PlanDocuments, outside: OtherPlansInput, snapshot: Snapshot, exists: Exists
) -> bool:
    """Tell whether a cached prompt was made from the same inputs as the given inputs."""
    return (
        cached_prompt.plan is plan
        and cached_prompt.outside == outside
        and cached_prompt.settings == snapshot.settings
        and all(exists(path) == existed for path, existed in cached_prompt.asked_paths)
        and all(snapshot.has(path) == existed for path, existed in cached_prompt.written_paths)
    )
