"""The entries that `planmark find` searches: every document and every item of a plan, with their properties.

A property comes from the state of the plan, from the file name, or from the header of the document. A state by the
files takes precedence over a state that the header declares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from planmark.markdown.declared_fields import declarations_in
from planmark.plans.document_format import document_format
from planmark.plans.format import PlanSite
from planmark.plans.model import DONE_STATES, AchievementState, PlanState
from planmark.plans.priority import parse_priority
from planmark.plans.registry import format_named
from planmark.plans.roles import STEP_ROLES
from planmark.plans.vocabulary import Vocabulary
from planmark.queries.document_properties import property_readers
from planmark.queries.lookup import urgency_sort_key
from planmark.queries.plan_answers import answer_functions
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.mojibake import repair_mojibake
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.text_memo import TextMemo

FIELD_NAMES_BY_PROPERTY: dict[str, tuple[str, ...]] = {
    "type": ("type", "document type"),
    "category": ("category", "categories"),
    "tags": ("tags", "tag", "labels", "metadata tags", "keywords"),
    "date": ("date",),
}
"""Mapping from a property to the names of the fields that declare it. The vocabulary of a workspace can add names."""
MAX_TAG_WORDS = 6
"""Maximum number of words of a tag. A longer text in a field of tags counts as a sentence, not as a tag."""
NO_PLAN_URGENCY = (99, 99, 99, "")
"""The sort key of an entry without a plan. Such entries follow all entries with a plan."""
ENTRIES_KEY = "entries"
"""The key in `View.search_values` under which a view keeps its entries."""
_SEPARATORS = lazy_pattern(r"[\s_-]+")
_HASH_TAG = lazy_pattern(r"#([^\W_][\w-]*)")
_PARENTHESES = lazy_pattern(r"\(([^()]+)\)")
_EDGE_CHARACTERS = " \t*_`#[](){}\"'.,;:"
"""Characters that are removed from both ends of a value."""
_DAY_IN_FILE_NAME = lazy_pattern(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


def normal_form(value: str) -> str:
    """Return a value in the form for comparisons. The form is case-folded, and one underscore replaces each sequence of
    blanks, hyphens and underscores.
    """
    return _SEPARATORS.sub("_", value.strip().casefold()).strip("_")


class SearchedText(NamedTuple):
    """The text of a document in the form for the search, with the properties that its header declares.

    `folded_text` is the case-folded text. It has the same lines as the document. `line` is the 1-based line of the
    title. `created` is a day as ISO text. A text property that the document does not declare is "".
    """

    folded_text: str
    title: str
    line: int
    type: str
    status: str
    plan: str
    priorities: tuple[str, ...]
    created: str
    categories: tuple[str, ...]


def searched_text(text: str, vocabulary: Vocabulary) -> SearchedText:
    """Return the text of a document in the form for the search.

    `vocabulary` has the words of the workspace for fields and statuses.
    """
    readable_text = repair_mojibake(text).replace("\r\n", "\n").replace("\r", "\n")
    declarations = declarations_in(readable_text)
    readers = property_readers()

    def declared_values(name: str) -> Iterator[str]:
        """Yield the values of the fields that declare the property `name`."""
        names = (*FIELD_NAMES_BY_PROPERTY.get(name, ()), *vocabulary.fields.get(name, ()))
        for field in declarations.fields:
            if field.value and field.name.casefold().replace("_", " ").strip() in names:
                yield field.value

    declared_type, status = next(declared_values("type"), ""), next(declared_values("status"), "")
    days = (readers.date(value) for name in ("created", "date") for value in declared_values(name))
    categories = [tag for name in ("category", "tags") for value in declared_values(name) for tag in tags_in(value)]
    if match := _PARENTHESES.search(declared_type):
        categories += tags_in(match[1])
    return SearchedText(
        folded_text=readable_text.casefold(),
        title=declarations.title,
        line=declarations.title_line,
        type=normal_form(declared_type.partition("(")[0].strip(_EDGE_CHARACTERS)),
        status=(readers.status(status, vocabulary) or "") if status else "",
        plan=_feature_in(next(declared_values("plan"), "")),
        priorities=_priority_levels(next(declared_values("priority"), "")),
        created=next((day[:10] for day in days if day), ""),
        categories=tuple(dict.fromkeys(categories)),
    )


class FindEntry(NamedTuple):
    """A document or an item of a plan, with the properties that a query can ask for.

    `is_document` tells whether the entry is a document. `path` is the path of the document, or of the document that
    contains the item. `line` is 1-based. `item` is the item, or the item that the document is about.

    `types`, `states` and `priorities` begin with the value that is shown. `states` have the form of `normal_form`.
    `sort_key` sorts by the urgency of the plan, then by the position of the item in the plan. The main document of a
    plan comes before items at the same position, and other documents come after these items.
    """

    path: str
    line: int
    title: str
    is_document: bool
    types: tuple[str, ...]
    plan: AnyPlan | None
    feature: str
    item: AchievementState | None
    states: tuple[str, ...]
    priorities: tuple[str, ...]
    role: str
    created: str
    categories: tuple[str, ...]
    sort_key: tuple[tuple[int, int, int, str], int, int]


class EntrySource:
    """The entries of a view. A document is read only once for all searches in views of the same index."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._vocabulary = vocabulary_of(view.snapshot.settings)
        self._urgencies: dict[str, tuple[int, int, int, str]] = {}

    def text(self, path: str) -> SearchedText:
        """Return the text of the document at `path` in the form for the search."""
        texts: TextMemo[SearchedText] = self.view.searched_texts
        return texts.value(path, self.view.text, self._searched_text)

    def _searched_text(self, text: str) -> SearchedText:
        return searched_text(text, self._vocabulary)

    @property
    def entries(self) -> tuple[FindEntry, ...]:
        """The entries of all documents, sorted by path, then the entries of the items. A view computes them once."""
        search_values: dict[str, tuple[FindEntry, ...]] = self.view.search_values
        if ENTRIES_KEY not in search_values:
            search_values[ENTRIES_KEY] = tuple(self._all_entries())
        return search_values[ENTRIES_KEY]

    def _all_entries(self) -> Iterator[FindEntry]:
        snapshot = self.view.snapshot
        for path in snapshot.paths:
            if path in snapshot.records:
                site = self.view.formats.site_of_document(path)
                yield self._format_document_entry(path, site)
            elif (name := document_format().name_of(path.rpartition("/")[2])) is not None:
                yield self._work_document_entry(path, property_readers().types(name), name.feature)
        for plan in self.view.plans:
            state = self.view.state(plan.path)
            for position, item in enumerate(state.achievements):
                if not self._has_own_document(plan, item):
                    yield self._item_entry(plan, state, item, position)

    def _has_own_document(self, plan: AnyPlan, item: AchievementState) -> bool:
        """Tell whether a document contains only this item. The item then has no entry besides its document."""
        return item.path in self._items_by_own_document(plan) if isinstance(plan, PlanSite) else False

    def _items_by_own_document(self, plan: PlanSite) -> Mapping[str, AchievementState]:
        """Return a mapping from the path of a document to its item, for documents with exactly one item.

        The document at the path of the plan is left out.
        """
        if plan.path not in self._items_of_sites:
            items_by_path: dict[str, list[AchievementState]] = {}
            for item in self.view.state(plan.path).achievements:
                items_by_path.setdefault(item.path, []).append(item)
            self._items_of_sites[plan.path] = {
                path: items[0] for path, items in items_by_path.items() if len(items) == 1 and path != plan.path
            }
        return self._items_of_sites[plan.path]

    @cached_property
    def _items_of_sites(self) -> dict[str, dict[str, AchievementState]]:
        """Mapping from the path of a plan to the result of `_items_by_own_document`, filled on demand."""
        return {}

    def _work_document_entry(self, path: str, types: tuple[str, ...], feature: str) -> FindEntry:
        """Return the entry of a document of the methodology; `feature` is the feature in its file name."""
        plan = self.view.plan_of(path)
        if plan is None:
            is_plan = types[0] == "plan"
            return self._document_entry(path, ("not_a_plan",) if is_plan else types, None, feature, None, False)
        item = answer_functions().subject(self.view, plan, path).item
        return self._document_entry(path, types, plan, plan.feature, item, path == plan.path)

    def _format_document_entry(self, path: str, site: PlanSite | None) -> FindEntry:
        """Return the entry of a document in a format other than the methodology.

        `site` is the plan of the document; None if no plan or several plans contain the document.
        """
        types = self._format_types(path)
        if site is None:
            return self._document_entry(path, types, None, "", None, False)
        is_main = path == self._main_document(site)
        if is_main and not any("plan" in self._format_types(other) for other in site.documents):
            types = (*types, "plan")
        return self._document_entry(
            path, types, site, site.feature, self._items_by_own_document(site).get(path), is_main
        )

    def _format_types(self, path: str) -> tuple[str, ...]:
        """Return the words for the role of the document at `path` in its format; () if no format has the document."""
        record = self.view.snapshot.records.get(path)
        return format_named(record.format).types.get(record.role, (normal_form(record.role),)) if record else ()

    def _main_document(self, site: PlanSite) -> str:
        """Return the path of the main document of a plan: the document with its items, else its first document."""
        return site.path if site.path in site.documents else next(iter(site.documents), "")

    def _document_entry(
        self,
        path: str,
        types: tuple[str, ...],
        plan: AnyPlan | None,
        feature: str,
        item: AchievementState | None,
        is_main: bool,
    ) -> FindEntry:
        """Return the entry of a document. `is_main` tells whether it is the main document of its plan."""
        text = self.text(path)
        state = self.view.state(plan.path) if plan else None
        name = path.rpartition("/")[2]
        states: tuple[str, ...]
        if state is None:
            states = (text.status,) if text.status else ()
        else:
            states = _item_states(item, path) if item else _plan_states(state)
        return FindEntry(
            path=path,
            line=text.line,
            title=text.title or name,
            is_document=True,
            types=(*types, *_further_types(text.type, types)),
            plan=plan,
            feature=feature or text.plan,
            item=item,
            states=states,
            priorities=_priorities(item, state if is_main else None) or text.priorities or _priorities(None, state),
            role=_next_role(item, state),
            created=text.created or _date_in_name(name),
            categories=text.categories,
            sort_key=(self._urgency(state), self._position(state, item), 0 if is_main else 2),
        )

    def _item_entry(self, plan: AnyPlan, state: PlanState, item: AchievementState, position: int) -> FindEntry:
        """Return the entry of an item at a position (from 0) among the items of its plan."""
        return FindEntry(
            path=item.path,
            line=item.line,
            title=item.title,
            is_document=False,
            types=("achievement",) if state.format == "planmark" else tuple(dict.fromkeys((item.kind, "task"))),
            plan=plan,
            feature=state.feature,
            item=item,
            states=(item.state,),
            priorities=_priorities(item, state),
            role=_next_role(item, state),
            created="",
            categories=(),
            sort_key=(self._urgency(state), position, 1),
        )

    def _urgency(self, state: PlanState | None) -> tuple[int, int, int, str]:
        """Return the sort key of a plan by its urgency; see `urgency_sort_key`."""
        if state is None:
            return NO_PLAN_URGENCY
        if state.path not in self._urgencies:
            self._urgencies[state.path] = urgency_sort_key(state)
        return self._urgencies[state.path]

    def _position(self, state: PlanState | None, item: AchievementState | None) -> int:
        """Return the position of an item in its plan, from 0; -1 if the entry is about no item."""
        if state is None or item is None:
            return -1
        if state.path not in self._positions:
            self._positions[state.path] = {
                id(achievement): index for index, achievement in enumerate(state.achievements)
            }
        return self._positions[state.path].get(id(item), -1)

    @cached_property
    def _positions(self) -> dict[str, dict[int, int]]:
        """Mapping from the path of a plan to the positions of its items by `id(item)`, filled on demand."""
        return {}


def tags_in(value: str) -> Iterator[str]:
    """Yield the tags in the value of a field: the words that begin with `#`.

    If there are no such words, yield the parts between commas. A part that is a sentence is no tag.
    """
    if hash_tags := _HASH_TAG.findall(value):
        yield from hash_tags
        return
    for part in value.split(","):
        tag = part.strip(_EDGE_CHARACTERS)
        if tag and len(tag.split()) <= MAX_TAG_WORDS and not part.strip().startswith(("[", "{", "See ")):
            yield tag


def _further_types(declared_type: str, types: tuple[str, ...]) -> tuple[str, ...]:
    """Return a tuple with `declared_type`, or () if it is no additional type. It is no additional type if it is in
    `types`, if only file names decide it, or if it is a sentence.
    """
    is_decided = not declared_type or declared_type in types or declared_type in property_readers().type_names
    return () if is_decided or declared_type.count("_") >= MAX_TAG_WORDS else (declared_type,)


def _date_in_name(file_name: str) -> str:
    """Return the date in a file name as ISO text; "" if the name has no date."""
    match = _DAY_IN_FILE_NAME.search(file_name)
    return property_readers().date(match[1]) if match else ""


def _feature_in(value: str) -> str:
    """Return the feature that the value of a field names; "" if the value names no feature.

    The value may be a name with or without `@`, or the file name of a PLAN with or without its folder.
    """
    name = value.strip(_EDGE_CHARACTERS).removesuffix(".md").rpartition("/")[2].removeprefix("PLAN_").removeprefix("@")
    return name if name and " " not in name else ""


def _item_states(item: AchievementState, path: str) -> tuple[str, ...]:
    """Return the state of an item. If the document at `path` is an execution of the item, its outcome follows."""
    outcomes = (execution.outcome for execution in item.executions if execution.path == path)
    return tuple(dict.fromkeys((item.state, *outcomes)))


def _plan_states(state: PlanState) -> tuple[str, ...]:
    """Return the states of a plan: its state, then `closed` if the plan is closed, then its lifecycle."""
    closed_state = ("closed",) if state.next.step == "closed" else ()
    return tuple(dict.fromkeys((state.state, *closed_state, state.lifecycle)))


def _priorities(item: AchievementState | None, state: PlanState | None) -> tuple[str, ...]:
    """Return the priority of an item; if the item has none, the priority of the plan; () if neither has one."""
    if item is not None and (levels := _priority_levels(item.priority)):
        return levels
    return (state.priority.level,) if state is not None and state.priority is not None else ()


def _priority_levels(text: str) -> tuple[str, ...]:
    """Return the priority that a text states; () if the text states no priority."""
    priority = parse_priority(text) if text else None
    return (priority.level,) if priority else ()


def _next_role(item: AchievementState | None, state: PlanState | None) -> str:
    """Return the role of the next step of `item`. If `item` is None, return the role of the next step of the plan.

    Return "" if nothing is left to do.
    """
    if item is not None:
        return "" if item.state in DONE_STATES else STEP_ROLES[item.step].role
    return "" if state is None or state.next.step == "closed" else state.next.role
