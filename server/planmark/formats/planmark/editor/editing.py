"""The editor features of the methodology, as objects through which the core calls them."""

from __future__ import annotations

from planmark.formats.planmark.editor.at import place_at
from planmark.formats.planmark.editor.call_hierarchy import achievement_at, dependencies, dependents
from planmark.formats.planmark.editor.code_lens import lenses, resolve
from planmark.formats.planmark.editor.commands import commands
from planmark.formats.planmark.editor.completion import complete
from planmark.formats.planmark.editor.document_templates import template_of
from planmark.formats.planmark.editor.dropping import drop
from planmark.formats.planmark.editor.hover import hover
from planmark.formats.planmark.editor.inlay_hints import hints
from planmark.formats.planmark.editor.lifecycle import changes_of_act
from planmark.formats.planmark.editor.navigation import definition, links, references
from planmark.formats.planmark.editor.outline import outline
from planmark.formats.planmark.editor.references import achievement_target
from planmark.formats.planmark.editor.rename import follow_renames, rename, rename_target_at
from planmark.ide.editor import Editor, WorkEditor

EDITOR = Editor(
    hover=hover,
    lenses=lenses,
    resolve_lens=resolve,
    commands=commands,
    complete=complete,
    definition=definition,
    references=references,
    links=links,
    hints=hints,
    outline=outline,
    prepare_rename=rename_target_at,
    rename=rename,
    place_at_line=place_at,
)
WORK_EDITOR = WorkEditor(
    achievement_at=achievement_at,
    achievement_with_id=achievement_target,
    dependents=dependents,
    dependencies=dependencies,
    act=changes_of_act,
    drop=drop,
    follow_renames=follow_renames,
    template_of=template_of,
)
