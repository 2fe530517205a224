"""Parameters that several messages share, and their conversion from JSON."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from planmark.lsp.errors import INVALID_PARAMS, RequestError

P = TypeVar("P", bound=msgspec.Struct)


class PlanParams(msgspec.Struct, frozen=True, rename="camel"):
    """The plan, and the details of the request. The plan is named by `feature` (`@FEATURE`, a name or a path), by
    `plan` (a path), or by `uri` (a document).

    Without `achievement`, the path or URI of a document also names the achievement that the document is about.
    `workspace` is the folder of one workspace if several are open.

    `step` is the step of the prompt; without `step`, the prompt is about the next step. With `through`, one prompt is
    for all steps up to this step. `since` is the id of an earlier prompt, whose unchanged units the answer omits.
    `budget` is in tokens. With `exact_tokens`, the server counts tokens exactly instead of estimating their number.
    """

    feature: str | None = None
    plan: str | None = None
    uri: str | None = None
    workspace: str | None = None
    achievement: str | None = None
    ignore_claims: bool = False
    step: str | None = None
    since: str | None = None
    through: str | None = None
    budget: int | None = None
    exact_tokens: bool = False


class FileEvent(msgspec.Struct, gc=False):
    """A file that was created (1), changed (2) or deleted (3)."""

    uri: str
    type: Literal[1, 2, 3]


class ChangedFilesParams(msgspec.Struct):
    """The parameters of `workspace/didChangeWatchedFiles`, which may name every file of a workspace."""

    changes: list[FileEvent]


def read_params(params: Any, kind: type[P]) -> P:
    """Convert parameters to their type. Raises RequestError, with the reason, if the parameters are invalid."""
    try:
        return msgspec.convert(params if params is not None else {}, kind, strict=True)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        # JSON can contain a lone surrogate, which UTF-8 cannot encode.
        raise RequestError(f"invalid parameters: {error}", INVALID_PARAMS) from None
