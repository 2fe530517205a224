"""The PLAN of a new feature, and the settings file of a new workspace."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from planmark.queries.authoring import ExistsError, authoring
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View
from planmark.storage.paths import parent
from planmark.workspace.workspace_edits import CreateFile

SETTINGS_FILE = "planmark.toml"
SETTINGS_TEXT = """# Settings of Planmark for this workspace; every key is optional.

# [files]
# exclude = ["vendor/"]

# [prompts]
# tokenBudget = 8000
"""


def settings_file() -> CreateFile:
    """Return the settings file of a new workspace, in which every setting is a comment."""
    return CreateFile(SETTINGS_FILE, SETTINGS_TEXT)


def new_plan(view: View, text: str, today: str) -> CreateFile:
    """Return the PLAN of a new feature, in its own folder next to the other plans.

    `text` is the feature as a person writes it; `today` is an ISO date. Raises NoAnswerError if the feature is invalid,
    or if its PLAN already exists.
    """
    try:
        return authoring().new_plan(feature_named(text), plans_folder(view), today, view.snapshot.paths)
    except ExistsError as error:
        raise NoAnswerError(str(error), "usage") from None


def feature_named(text: str) -> str:
    """Return the feature `NAME` in a text such as `@NAME`, `NAME` or `PLAN_NAME.md`.

    Raises NoAnswerError if `NAME` is not a valid feature.
    """
    feature = text.removeprefix("@").removeprefix("PLAN_").removesuffix(".md")
    if authoring().is_feature(feature):
        return feature
    similar_feature = feature_from_text(feature)
    hint = f"; did you mean {similar_feature}?" if similar_feature else ""
    raise NoAnswerError(f"`{text}` is not a feature name: use capitals, digits and hyphens{hint}", "usage")


def feature_from_text(text: str) -> str:
    """Return a valid feature made from any text, such as `CAFE-BAR` from `Café bar`.

    Return "" if the text has no ASCII letter or digit after its accents are removed.
    """
    text_without_accents = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    return re.sub(r"[^A-Z0-9]+", "-", text_without_accents.upper()).strip("-")


def plans_folder(view: View) -> str:
    """Return the folder in which a new plan gets its own folder: the folder with most folders of active plans. Only
    folders that have the name of their feature count. Without such a folder, return `DEFAULT_PLANS_FOLDER`.
    """
    plan_count_by_folder = Counter(
        parent(parent(plan.path))
        for plan in view.snapshot.plans
        if plan.lifecycle == "active" and parent(plan.path).rpartition("/")[2] == plan.feature
    )
    return min(
        plan_count_by_folder, key=lambda folder: (-plan_count_by_folder[folder], folder), default=DEFAULT_PLANS_FOLDER
    )


DEFAULT_PLANS_FOLDER = "work-space/plans"
"""The folder in which the first plan of a workspace gets its folder."""
