"""The names of the plans and items of a workspace, from the result cache, else from the files.

Nothing is written but the cache in the user's cache folder. A cached list is valid as long as all its inputs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from planmark.cli.cached_result import CommandKey, cached_result
from planmark.cli.completion.words import NamedSource, PossibleWord
from planmark.storage.paths import current_folder, marked_root, refuse_forbidden
from planmark.storage.result_cache import libraries_digest

if TYPE_CHECKING:
    from planmark.queries.workspace_view import View

CACHE_COMMAND = "completion"
"""The command in the keys of cached lists."""
MAX_TITLE_CELLS = 60
"""Maximum width of the explanation of an item, in cells."""


def _plan_words(workspace: str | None) -> list[PossibleWord]:
    return _cached_list(workspace, "plans", _plans_of)


def _item_words(workspace: str | None, plan: str) -> list[PossibleWord]:
    """Return the items of a plan. If `plan` is a path, the list is not cached: the path may depend on the current folder."""
    is_path = "/" in plan or "\\" in plan or plan.endswith((".md", ".json"))
    return _cached_list(workspace, "" if is_path else f"items {plan}", lambda view: _items_of(view, plan))


WORKSPACE_NAMES = NamedSource(_plan_words, _item_words)
"""The names of the plans and items in the files of a workspace."""


def _cached_list(
    workspace: str | None, name: str, words_of_view: Callable[[View], Iterable[PossibleWord]]
) -> list[PossibleWord]:
    """Return the cached words with a name, else those that `words_of_view` yields. With the name "", nothing is cached."""
    key = CommandKey(CACHE_COMMAND, workspace, repr((CACHE_COMMAND, name, libraries_digest())))
    root = refuse_forbidden(Path(workspace)) if workspace else marked_root(current_folder())
    cached = cached_result(root, key) if root and name else None
    if cached is None:
        return _list_of_files(workspace, key if name else None, words_of_view)
    rows = (row.partition("\t") for row in cached.out.splitlines())
    return [PossibleWord(text, meaning) for text, _, meaning in rows]


def _list_of_files(
    workspace: str | None, key: CommandKey | None, words_of_view: Callable[[View], Iterable[PossibleWord]]
) -> list[PossibleWord]:
    # Imported only here, because a cached list needs none of this.
    from planmark.cli.context import CommandContext, CommandOptions, CommandResult
    from planmark.cli.errors import DONE
    from planmark.cli.result_inputs import cache_result
    from planmark.cli.workspace_access import open_workspace
    from planmark.queries.persistent_index import save

    options = CommandOptions()
    options.workspace, options.quiet = workspace, True
    context = CommandContext(options)
    since_ns = time.time_ns()
    view = open_workspace(context, report_problems=False)
    # A name with a control character is never proposed. It would also break the lines of the cached list.
    result = [word for word in words_of_view(view) if word.text.isprintable()]
    if context.index is not None:
        save(context.index, view)
        if key is not None:
            output = "".join(f"{word.text}\t{word.meaning}\n" for word in result)
            cache_result(context, context.index, view, key, CommandResult(DONE, output), since_ns)
    return result


def _plans_of(view: View) -> Iterator[PossibleWord]:
    """Yield the plans, each with its path. Plans with the same name are one word."""
    paths = {plan.feature: plan.path for plan in reversed(view.plans)}
    yield from sorted(PossibleWord(feature, _in_one_line(path)) for feature, path in paths.items())


def _items_of(view: View, plan: str) -> Iterator[PossibleWord]:
    """Yield the items of the named plan, each with its state and title."""
    from planmark.cli.workspace_access import find_plan
    from planmark.plans.phrases import state_label

    for item in view.state(find_plan(view, plan).path).achievements:
        yield PossibleWord(item.ref or item.id, _in_one_line(f"{state_label(item)}: {item.title}"))


def _in_one_line(text: str) -> str:
    """Return a text of a document as a short explanation, without credentials and control characters."""
    from planmark.text.masking import without_secrets
    from planmark.text.shorten import wrap
    from planmark.text.visible import visible_in_one_line

    return wrap(visible_in_one_line(without_secrets(text)), MAX_TITLE_CELLS, 1)[0]
