"""The documentation pages of diagnostics: package data, or the source of the package data in a checkout."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path


@functools.cache
def page_of(code: str) -> Path | None:
    """Return the page of a code; None if the pages are not installed."""
    packaged_folder = Path(str(resources.files("planmark").joinpath("diagnostics")))
    checkout_folder = Path(__file__).resolve().parents[3] / "docs" / "diagnostics"
    return next(
        (page for folder in (packaged_folder, checkout_folder) if (page := folder / f"{code}.md").is_file()), None
    )
