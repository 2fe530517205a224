"""The editor functions for items, in every format but the methodology: hovers, lenses, links, outlines and commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planmark.ide.document import EditorDocument, LineSpan, MakeLink
from planmark.ide.features import CountTokens, DocumentLink, Hover, Lens, LensCommand, Location, Symbol, SymbolMatch
from planmark.ide.hover_text import (
    MAX_HOVER_ENTRIES,
    evidence_lines,
    holder_lines,
    markdown_link,
    plan_text,
    state_and_holder_text,
    token_count_text,
)
from planmark.markdown.blocks import split_lines
from planmark.plans.format import PlanSite, TextLink
from planmark.plans.model import DONE_STATES, AchievementState, Group, PlanState
from planmark.plans.phrases import (
    STATE_MARKS,
    group_check_text,
    is_next,
    marked_label,
    next_label,
    next_text,
    plan_state_label,
    progress_bar,
    state_label,
)
from planmark.plans.registry import format_named
from planmark.plans.roles import STEP_ROLES
from planmark.queries.workspace_view import View
from planmark.text.visible import as_markdown

MAX_QUOTED_LINES = 12
"""Maximum number of lines of a passage that a hover quotes. Further lines are only counted."""


def hover(
    document: EditorDocument, site: PlanSite, line: int, column: int, make_link: MakeLink, count_tokens: CountTokens
) -> Hover | None:
    """Return the hover text at a 0-based position; None if there is nothing to explain.

    If a name is at the position, the text is about the target of the name. Otherwise, the text is about the item on the
    line. If that line has no item, but is the first line with text, the text is about the plan.
    """
    state = document.view.state(site.path)
    if text_link := link_at(document, site, line, column):
        span = LineSpan(text_link.line - 1, text_link.start, text_link.end)
        if item := item_on(state, text_link.path, text_link.target_line):
            return Hover(_item_text(document.view, site, state, item, make_link, count_tokens), span)
        quoted_text = _quote_lines(
            document.view, text_link.path, max(text_link.target_line, 1), max(text_link.target_line, 1) + 2
        )
        return Hover(
            f"{markdown_link(_place_text(text_link.path, text_link.target_line), make_link(text_link.path, text_link.target_line))}\n\n{quoted_text}",
            span,
        )
    if item := item_on(state, document.path, line + 1):
        return Hover(
            _item_text(document.view, site, state, item, make_link, count_tokens), document.span_of_line_text(line)
        )
    first_text_line = next(
        (line_number for line_number in range(len(document.lines)) if document.line(line_number).strip()), 0
    )
    if line == first_text_line:
        return Hover(plan_text(document.view, site, state, make_link, count_tokens), document.span_of_line_text(line))
    return None


def _item_text(
    view: View, site: PlanSite, state: PlanState, item: AchievementState, make_link: MakeLink, count_tokens: CountTokens
) -> str:
    """Return the hover text of an item in Markdown."""
    name = f"{item.id} {item.title}".strip()
    lines = [
        f"**{markdown_link(name, make_link(item.path, item.line))}** · **{marked_label(item)}** · {as_markdown(site.feature)}"
        + (" · optional" if item.optional else "")
        + (" · may run beside others" if item.parallel else ""),
        "\n".join(evidence_lines(item, make_link)),
    ]
    lines += holder_lines(view, state, item)
    if item.leaf and not item.listed and item.state not in DONE_STATES:
        next_note = " ← next of the plan" if is_next(state, item) else ""
        lines.append(
            f"**Next step** {STEP_ROLES[item.step].asks}{token_count_text(count_tokens, site.path, item.ref)}{next_note}"
        )
    if group := next((group for group in state.groups if group.id == item.group and group_check_text(group)), None):
        lines.append(as_markdown(f"{group.title}: {_group_text(group)}"))
    if item.depends_on:
        waits_text = f"; **waits for {as_markdown(', '.join(item.blocked_by))}**" if item.blocked_by else ""
        lines.append(f"Depends on {as_markdown(', '.join(item.depends_on))}{waits_text}")
    elif item.blocked_by:
        lines.append(f"**Waits for {as_markdown(', '.join(item.blocked_by[:MAX_HOVER_ENTRIES]))}**")
    for passage in list(format_named(site.format).details(view.formats.input_of(site), state, item))[
        :MAX_HOVER_ENTRIES
    ]:
        heading = f"{as_markdown(passage.why)} {markdown_link(_place_text(passage.path, passage.start), make_link(passage.path, passage.start))}"
        lines.append(f"{heading}\n\n{_quote_lines(view, passage.path, passage.start, passage.end)}")
    return "\n\n".join(lines)


def _place_text(path: str, line: int) -> str:
    """Return the file name and the 1-based line of a place: `tasks.md:12`.

    If `line` is 0, return only the file name.
    """
    name = path.rpartition("/")[2]
    return f"{name}:{line}" if line else name


def _quote_lines(view: View, path: str, start: int, end: int) -> str:
    """Return the 1-based lines `start` to `end` (inclusive) of a document as a quote in Markdown."""
    lines = split_lines(view.text(path))[start - 1 : end]
    quoted_lines = [f"> {as_markdown(text)}" for text in lines[:MAX_QUOTED_LINES]]
    more_lines = [f"> and {len(lines) - MAX_QUOTED_LINES} more lines"] if len(lines) > MAX_QUOTED_LINES else []
    return "\n".join([*quoted_lines, *more_lines])


def item_on(state: PlanState, path: str, line: int) -> AchievementState | None:
    """Return the item on the 1-based `line` of a document; None if no item is on the line."""
    return next((item for item in state.achievements if item.line == line and item.path == path), None)


def link_at(document: EditorDocument, site: PlanSite, line: int, column: int) -> TextLink | None:
    """Return the name at a 0-based line and a column, with the place to which the name links; None without a name."""
    line_links = format_named(site.format).links(document.view.formats.input_of(site), document.path, line + 1)
    return next((text_link for text_link in line_links if text_link.start <= column <= text_link.end), None)


def text_links_of(document: EditorDocument, site: PlanSite) -> Sequence[TextLink]:
    """Return the names in a document, each with the place to which it links."""
    return format_named(site.format).links(document.view.formats.input_of(site), document.path, None)


def lenses(document: EditorDocument, site: PlanSite) -> list[Lens]:
    """Return the lenses of a document: lenses for the plan on the first line, and lenses for each leaf on the line of
    the leaf. A leaf that is done has no lens.
    """
    state = document.view.state(site.path)
    if document.path != state.path and not any(item.path == document.path for item in state.achievements):
        return [Lens(0, "progress", None)]
    document_lenses = [Lens(0, "progress", None)]
    if next_label(state):
        document_lenses.append(Lens(0, "next_of_plan", None))
    for item in state.achievements:
        if item.path == document.path and item.leaf and not item.listed and item.state not in DONE_STATES:
            document_lenses += [Lens(item.line - 1, "next", item.ref), Lens(item.line - 1, "state", item.ref)]
    return sorted(document_lenses, key=lambda lens: lens.line)


def lens_command(document: EditorDocument, site: PlanSite, part: str, ref: str | None) -> LensCommand | None:
    """Return the command of the lens with this part and this ref of an item; None if the lens no longer exists."""
    state = document.view.state(site.path)
    if part == "progress":
        next_line = next((item.line for item in state.achievements if is_next(state, item)), 1)
        title = f"{site.feature} {progress_bar(state)} · {plan_state_label(state)}"
        return LensCommand(title, "planmark.open", {"path": state.path, "line": next_line})
    if part == "next_of_plan":
        return LensCommand(f"Next: {next_text(state)}", "planmark.nextPrompt", {"plan": state.path})
    item = next((item for item in state.achievements if ref is not None and item.ref == ref), None)
    if item is None:
        return None
    if part == "next":
        title = "Continue task" if item.step == "continue_task" else "▶ Start task"
        return LensCommand(title, "planmark.nextPrompt", {"plan": state.path, "achievement": item.ref})
    if part == "state":
        evidence = item.evidence[0] if item.evidence else None
        open_params = {
            "path": evidence.path if evidence else item.path,
            "line": evidence.line if evidence else item.line,
        }
        return LensCommand(state_and_holder_text(document.view, state, item), "planmark.open", open_params)
    return None


def definition(document: EditorDocument, site: PlanSite, line: int, column: int) -> Location | None:
    """Return the place to which the name at a position links; None if no name is at the position."""
    text_link = link_at(document, site, line, column)
    return Location(text_link.path, LineSpan(max(text_link.target_line - 1, 0), 0, 0)) if text_link else None


def references(
    document: EditorDocument, site: PlanSite, line: int, column: int, *, includes_definition: bool
) -> list[Location]:
    """Return the range of every name in the documents of the plan that links to one place, the target.

    If a name is at the position, the target is the place to which the name links. Otherwise, the target is the line of
    the position. If `includes_definition` is True, the result includes the target.
    """
    text_link = link_at(document, site, line, column)
    target = (text_link.path, text_link.target_line) if text_link else (document.path, line + 1)
    locations = [
        Location(path, LineSpan(link.line - 1, link.start, link.end))
        for path in site.documents
        for link in text_links_of(EditorDocument(document.view, path), site)
        if (link.path, link.target_line) == target
    ]
    if includes_definition and (locations or text_link):
        locations.append(Location(target[0], LineSpan(max(target[1] - 1, 0), 0, 0)))
    return sorted(locations, key=lambda place: (place.path, place.span.line, place.span.start))


def links(document: EditorDocument, site: PlanSite) -> list[DocumentLink]:
    """Return the names in a document that link to other documents of the plan."""
    return [
        DocumentLink(LineSpan(link.line - 1, link.start, link.end), link.path, link.target_line)
        for link in text_links_of(document, site)
        if link.path != document.path
    ]


def outline(document: EditorDocument, site: PlanSite) -> list[Symbol]:
    """Return a symbol for each item and each group of a document. The lines of a group end before the next group.

    Only the document at the path of the plan has symbols.
    """
    state = document.view.state(site.path)
    line_total = len(document.lines)
    if document.path != state.path:
        return []
    starts = [group.line - 1 for group in state.groups]
    item_starts = {item.line - 1 for item in state.achievements}
    document_symbols = [
        Symbol("heading", group.title, _group_text(group), start_line, end, document.span_of_line_text(start_line), [])
        for group, start_line, end in zip(state.groups, starts, [*starts[1:], line_total][: len(starts)], strict=True)
        if start_line not in item_starts
    ]
    items = [item for item in state.achievements if item.path == document.path]
    for item_index, item in enumerate(items):
        end = next(
            (later_item.line - 1 for later_item in items[item_index + 1 :] if later_item.level <= item.level),
            line_total,
        )
        name = f"{STATE_MARKS[item.state]} {item.id} {item.title}"
        start_line = item.line - 1
        document_symbols.append(
            Symbol(
                "achievement",
                " ".join(name.split()),
                state_label(item),
                start_line,
                max(start_line + 1, end),
                document.span_of_line_text(start_line),
                [],
            )
        )
    return sorted(document_symbols, key=lambda symbol: (symbol.start, -symbol.end))


def _group_text(group: Group) -> str:
    """Return the progress of a group, and the result of the group's check if there is one: `8/8, gaps found`."""
    return ", ".join(part for part in (f"{group.done}/{group.total}", group_check_text(group)) if part)


def symbols(view: View) -> Iterator[tuple[str, SymbolMatch]]:
    """Yield a tuple for every item of a plan in a format other than the methodology.

    The tuple has the name that a query is compared with, and the symbol.
    """
    for site in view.snapshot.sites:
        for item in view.state(site.path).achievements:
            name = f"{site.feature} {item.id} {item.title}"
            symbol_name = f"{name} ({marked_label(item)})"
            yield name, SymbolMatch("achievement", symbol_name, site.feature, item.path, LineSpan(item.line - 1, 0, 0))


def commands(document: EditorDocument, site: PlanSite, line: int) -> list[LensCommand]:
    """Return the commands at a 0-based line: prompt and box of the item on the line, then the next prompt of the plan.

    If the next step of the plan is the step of the item, the two prompts are the same, and are offered only once.
    """
    state = document.view.state(site.path)
    item_commands: list[LensCommand] = []
    item = item_on(state, document.path, line + 1)
    if item is not None and item.leaf and not item.listed and item.state not in DONE_STATES:
        argument = {"plan": state.path, "achievement": item.ref}
        item_commands.append(
            LensCommand(
                f"Prompt for {item.id or item.ref}: {STEP_ROLES[item.step].asks}", "planmark.nextPrompt", argument
            )
        )
    if item is not None and item.marker:
        undo = item.state in DONE_STATES
        verb = "Open the box of" if undo else "Tick"
        tick_params = {"plan": state.path, "achievement": item.ref, "undo": undo}
        item_commands.append(LensCommand(f"{verb} {item.id or item.title}", "planmark.tick", tick_params))
    has_prompt = any(command.command == "planmark.nextPrompt" for command in item_commands)
    if has_prompt and item is not None and (item.ref, item.step) == (state.next.ref, state.next.step):
        return item_commands
    title = f"Next prompt of {site.feature}: {next_text(state)}"
    return [*item_commands, LensCommand(title, "planmark.nextPrompt", {"plan": state.path})]
