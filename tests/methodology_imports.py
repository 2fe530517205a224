"""The modules of the core that still import the methodology, which the core should only find by name. May only shrink."""

from __future__ import annotations

STILL_IMPORT: frozenset[str] = frozenset(
    {
        "ide/completion.py",
        "ide/document.py",
        "ide/document_templates.py",
        "ide/dropping.py",
        "ide/hover.py",
        "ide/lifecycle.py",
        "ide/navigation.py",
        "ide/references.py",
        "ide/rename.py",
    }
)
