"""The documentation pages of diagnostic codes: in the installed package, or in `docs/diagnostics` of a checkout."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path


@functools.cache
def documentation_page_of(code: str) -> Path | None:
    """Return the path of the documentation page of a diagnostic code; None if the page does not exist."""
    packaged_folder = Path(str(resources.files("planmark").joinpath("diagnostics")))
    checkout_folder = Path(__file__).resolve().parents[3] / "docs" / "diagnostics"
    return next(
        (page for folder in (packaged_folder, checkout_folder) if (page := folder / f"{code}.md").is_file()), None
    )
