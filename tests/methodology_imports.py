"""The modules of the core that still import the methodology, which the core should only find by name. May only shrink."""

from __future__ import annotations

STILL_IMPORT: frozenset[str] = frozenset(
    {
        "prompts/context.py",
        "prompts/excerpts.py",
        "prompts/model_tiers.py",
        "prompts/output_paths.py",
        "prompts/scaffold.py",
        "prompts/template_context.py",
        "queries/grammaplans.py",
        "queries/lookup.py",
        "queries/meant.py",
        "queries/misnamed.py",
        "queries/next.py",
        "queries/verdicts.py",
        "ide/completion.py",
        "ide/document.py",
        "ide/dropping.py",
        "ide/hover.py",
        "ide/lifecycle.py",
        "ide/navigation.py",
        "ide/references.py",
        "ide/rename.py",
        "lsp/handlers/record_verdict.py",
        "cli/apply_fixes.py",
        "cli/commands/verdict.py",
        "cli/result_inputs.py",
    }
)
