"""The pages about findings: package data, or in a checkout the folder that becomes it."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path


@functools.cache
def page_of(code: str) -> Path | None:
    """The page about a code; None where it was not installed."""
    packaged = Path(str(resources.files("planmark").joinpath("diagnostics")))
    checkout = Path(__file__).resolve().parents[3] / "docs" / "diagnostics"
    return next((page for folder in (packaged, checkout) if (page := folder / f"{code}.md").is_file()), None)
