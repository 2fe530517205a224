"""A report as Markdown, and as one HTML file without scripts.

In both formats, names and titles from documents stay plain text. They cannot become markup, mention a person or refer
to an issue.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from planmark.cli.report_sections import ReportPage, ReportRow, ReportSection
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.shorten import reflow, wrap
from planmark.text.visible import as_markdown

MARKDOWN_CELLS = 80
"""Maximum width of a line of the Markdown, in cells."""
MAX_SUBJECT_CELLS, MAX_REMARK_CELLS = 120, 80
_BLOCK_MARK = lazy_pattern(r"^(\s*)([-+=])|^(\s*\d+)([.)])(?=\s|$)")
"""Pattern of the beginning of a line that Markdown reads as an item of a list, or as the underline of a heading."""
_AUTOLINKED_TEXT = lazy_pattern(
    r"planmark check @[\w.-]+|https?://\S+|www\.\S+|(?<![\w`])@\w[\w./-]*|(?:[\w.-]+/[\w.-]+)?#\d+|\bGH-\d+",
    re.IGNORECASE,
)
"""Pattern of words that a site such as GitHub turns into a link, a mention of a person, or a reference to an issue."""
_BACKTICKS = lazy_pattern(r"`+")
HTML_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #595959; --bar: #1a7f37; --ground: #fff; --ink: #1f2328; }
@media (prefers-color-scheme: dark) {
  :root { --quiet: #a5acb4; --bar: #3fb950; --ground: #0d1117; --ink: #e6edf3; }
}
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; }
ul { list-style: none; margin: 0; padding: 0; }
li { border-top: 1px solid var(--line); padding: .35rem 0; display: flex; flex-wrap: wrap; gap: .1rem .75rem; }
.when { min-width: 5.5rem; font-variant-numeric: tabular-nums; }
.says, .remark { color: var(--quiet); }
progress { accent-color: var(--bar); width: 8rem; height: 1.5rem; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
@media print { body { max-width: none; } }
""".strip()


def markdown_report(page: ReportPage) -> str:
    """Return a report as Markdown."""
    lines = [f"# {_inline_markdown(page.title)}", "", f"{page.summary}."]
    for section in page.sections:
        lines += ["", f"## {section.title}", "", *(_markdown_row(row) for row in section.rows)]
        if section.omitted_count:
            lines.append(f"- and {section.omitted_count} more: {code_span(page.command)}")
        if section.remark:
            lines += [*([""] if section.rows else []), section.remark]
    return "\n".join(lines) + "\n"


def _markdown_row(row: ReportRow) -> str:
    """Return a row as an item of a Markdown list, broken into lines of at most `MARKDOWN_CELLS` cells."""
    parts = (
        row.time,
        f"**{row.role}**" if row.role else "",
        code_span(f"@{row.feature}") if row.feature else "",
        f"{row.done_count}/{row.total}" if row.total else "",
        _inline_markdown(wrap(row.subject, MAX_SUBJECT_CELLS, max_lines=1)[0]),
    )
    beginning = " ".join(part for part in parts if part)
    note = _inline_markdown(wrap(row.note, MAX_REMARK_CELLS, max_lines=1)[0] if row.subject else row.note)
    has_note_in_brackets = bool(row.time) and not row.role
    remark = f" ({note})" if has_note_in_brackets else f": {note}"
    text = f"{beginning}{remark}" if beginning and note else beginning or note
    lines = reflow(f"- {text}", MARKDOWN_CELLS, "  ")
    return "\n".join((lines[0], *(_BLOCK_MARK.sub(r"\1\3\\\2\4", line) for line in lines[1:])))


def _inline_markdown(text: str) -> str:
    """Return `text` as Markdown in one line. Words that match `_AUTOLINKED_TEXT` become code."""
    parts: list[str] = []
    previous_end = 0
    for match in _AUTOLINKED_TEXT.finditer(text):
        parts += [as_markdown(text[previous_end : match.start()]), code_span(match[0])]
        previous_end = match.end()
    return "".join((*parts, as_markdown(text[previous_end:])))


def code_span(text: str) -> str:
    """Return `text`, which is one line, as a code span. The fence is longer than any series of backticks in `text`."""
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(text)), default=0) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def html_report(page: ReportPage) -> str:
    """Return a report as one HTML file. The file has no scripts, and loads no other file."""
    title = html.escape(page.title)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f"<title>{title}</title>",
            f"<style>\n{HTML_STYLE}\n</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1><bdi>{title}</bdi></h1>",
            f"<p>{html.escape(page.summary)}.</p>",
            *(line for section in page.sections for line in _html_section(section, page.command)),
            "</main>",
            "</body>",
            "</html>\n",
        )
    )


def _html_section(section: ReportSection, command: str) -> Iterator[str]:
    yield f"<section>\n<h2>{html.escape(section.title)}</h2>"
    if section.rows:
        yield "<ul>"
        has_times = any(row.time for row in section.rows)
        yield from (_html_row(row, has_times=has_times) for row in section.rows)
        yield "</ul>"
    if section.omitted_count:
        yield f'<p class="remark">and {section.omitted_count} more: <code>{html.escape(command)}</code></p>'
    if section.remark:
        yield f'<p class="remark">{html.escape(section.remark)}</p>'
    yield "</section>"


def _html_row(row: ReportRow, *, has_times: bool) -> str:
    note = f'<span class="says"><bdi>{html.escape(row.note)}</bdi></span>' if row.note else ""
    progress = (
        f'<span><progress max="{row.total}" value="{row.done_count}" aria-label="{html.escape(row.feature)}"></progress>'
        f" {row.done_count}/{row.total}</span>"
        if row.total
        else ""
    )
    parts = (
        f'<span class="when">{html.escape(row.time)}</span>' if has_times else "",
        f"<strong>{html.escape(row.role)}</strong>" if row.role else "",
        f"<code><bdi>@{html.escape(row.feature)}</bdi></code>" if row.feature else "",
        progress,
        f"<bdi>{html.escape(row.subject)}</bdi>" if row.subject else "",
        note,
    )
    return f"<li>{' '.join(part for part in parts if part)}</li>"
