"""The names of the plans and items of a workspace, from the result cache or from the files.

Only the cache in the user's cache folder is written. A cached list is valid until one of its inputs changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from planmark.cli.cached_result import CommandKey, cached_result
from planmark.cli.completion.words import NameSource, PossibleWord
from planmark.storage.paths import current_folder, marked_root, refuse_forbidden
from planmark.storage.result_cache import libraries_digest

if TYPE_CHECKING:
    from planmark.queries.workspace_view import View

CACHE_COMMAND = "completion"
"""The command in the keys under which the lists of words are cached."""
MAX_MEANING_CELLS = 60
"""Maximum width of the meaning of a word, in cells."""


def _plan_words(workspace: str | None) -> list[PossibleWord]:
    return _cached_words(workspace, "plans", _words_for_plans)


def _item_words(workspace: str | None, plan: str) -> list[PossibleWord]:
    """Return a word for each item of a plan.

    If `plan` is a path, the list is not cached, because the meaning of a path depends on the current folder.
    """
    is_path = "/" in plan or "\\" in plan or plan.endswith((".md", ".json"))
    return _cached_words(workspace, "" if is_path else f"items {plan}", lambda view: _words_for_items(view, plan))


WORKSPACE_NAME_SOURCE = NameSource(_plan_words, _item_words)
"""The functions that return the names of plans and items, from the result cache or from the files of a workspace."""


def _cached_words(
    workspace: str | None, list_name: str, words_of_view: Callable[[View], Iterable[PossibleWord]]
) -> list[PossibleWord]:
    """Return the list of words that is cached under `list_name`. If there is none, make the list with `words_of_view`.

    A new list is cached under `list_name`. If `list_name` is "", no list is cached.
    """
    key = CommandKey(CACHE_COMMAND, workspace, repr((CACHE_COMMAND, list_name, libraries_digest())))
    root = refuse_forbidden(Path(workspace)) if workspace else marked_root(current_folder())
    result = cached_result(root, key) if root and list_name else None
    if result is None:
        return _words_from_files(workspace, key if list_name else None, words_of_view)
    rows = (row.partition("\t") for row in result.out.splitlines())
    return [PossibleWord(text, meaning) for text, _, meaning in rows]


def _words_from_files(
    workspace: str | None, key: CommandKey | None, words_of_view: Callable[[View], Iterable[PossibleWord]]
) -> list[PossibleWord]:
    """Read the workspace, and return the words that `words_of_view` yields. If `key` is given, cache the words."""
    # Import these modules only here, because a cached list needs none of them.
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
    words = [word for word in words_of_view(view) if word.text.isprintable()]
    if context.index is not None:
        save(context.index, view)
        if key is not None:
            output = "".join(f"{word.text}\t{word.meaning}\n" for word in words)
            cache_result(context, context.index, view, key, CommandResult(DONE, output), since_ns)
    return words


def _words_for_plans(view: View) -> Iterator[PossibleWord]:
    """Yield a word for each name of a plan, with the path of the plan as its meaning.

    If several plans have the same name, only one of them is yielded.
    """
    paths = {plan.feature: plan.path for plan in reversed(view.plans)}
    yield from sorted(PossibleWord(feature, _shortened_to_one_line(path)) for feature, path in paths.items())


def _words_for_items(view: View, plan: str) -> Iterator[PossibleWord]:
    """Yield a word for each item of the named plan, with the state and the title of the item as its meaning."""
    from planmark.cli.workspace_access import find_plan
    from planmark.plans.phrases import state_label

    for item in view.state(find_plan(view, plan).path).achievements:
        yield PossibleWord(item.ref or item.id, _shortened_to_one_line(f"{state_label(item)}: {item.title}"))


def _shortened_to_one_line(text: str) -> str:
    """Return a text of a document, shortened to one line. Credentials are masked, control characters made visible."""
    from planmark.text.masking import without_secrets
    from planmark.text.shorten import wrap
    from planmark.text.visible import visible_in_one_line

    return wrap(visible_in_one_line(without_secrets(text)), MAX_MEANING_CELLS, 1)[0]
