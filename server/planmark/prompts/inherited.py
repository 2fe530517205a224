"""The possible output of a workspace's templates, before rendering: their own texts and their inherited texts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping

from jinja2 import TemplateNotFound, nodes

from planmark.plans.model import Step
from planmark.prompts.jinja_env import BUILT_IN, environment

Load = Callable[[str], str]
_ALL_SENTENCES = "\0"
"""A mark in the output of a template: the place of all safety sentences of any step (`{{ safety }}`)."""


def templates_without_safety(
    own_templates: Mapping[str, str], safety: Mapping[Step, tuple[str, ...]]
) -> dict[str, str]:
    """Return the templates, by name, whose prompts would lack the safety sentences of a step, each with a message.

    `own_templates` holds the parsable templates of the workspace, by name. `safety` maps each step to its sentences. For a step
    without its own template, the message names the shared template (`_base.md.j2`).
    """
    findings: dict[str, str] = {}
    remaining_templates = dict(own_templates)
    for step, sentences in safety.items():
        name = f"{step}.md.j2"
        used_names = list(
            dict.fromkeys(
                template_name
                for template_name, _ in _texts_of_template(name, _loader(remaining_templates))
                if template_name in remaining_templates
            )
        )
        if not used_names:
            continue
        output = " ".join(" ".join(text for _, text in _texts_of_template(name, _loader(remaining_templates))).split())
        if (
            missing_sentences := []
            if _ALL_SENTENCES in output
            else [sentence for sentence in sentences if sentence not in output]
        ):
            at_fault = [name] if name in remaining_templates else used_names
            for template_name in at_fault:
                findings[template_name] = _message(step, missing_sentences[0])
                del remaining_templates[template_name]
    return findings


def _message(step: Step, sentence: str) -> str:
    return (
        f"a prompt of {step} must say “{sentence}”: keep the built-in block by `{{{{ super() }}}}`, or write "
        f"`{{{{ safety|join(' ') }}}}`; the built-in template is used until then"
    )


def _loader(own_templates: Mapping[str, str]) -> Load:
    def load(name: str) -> str:
        if name in own_templates:
            return own_templates[name]
        built_in = environment()
        assert built_in.loader is not None
        return built_in.loader.get_source(built_in, name.removeprefix(f"{BUILT_IN}/"))[0]

    return load


def _texts_of_template(name: str, load: Load) -> Iterator[tuple[str, str]]:
    """Yield the texts that a template may output, each with the name of the template that contains it."""
    pending: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    seen_templates = set(pending)
    while pending:
        name, replaced_blocks = pending.pop()
        try:
            tree = _parse_template(load(name))
        except TemplateNotFound:
            continue
        extends = _templates_named(tree, nodes.Extends)
        yield name, ""
        yield from ((name, text) for text in _texts(tree, replaced_blocks, is_in_block=not extends))
        own_blocks = frozenset(block.name for block in tree.find_all(nodes.Block) if not _keeps_inherited_text(block))
        parts = [
            *((included, frozenset[str]()) for included in _templates_named(tree, nodes.Include)),
            *((parent, replaced_blocks | own_blocks) for parent in extends),
        ]
        pending += [part for part in parts if part not in seen_templates]
        seen_templates.update(parts)


def _templates_named(tree: nodes.Template, kind: type[nodes.Extends] | type[nodes.Include]) -> list[str]:
    """Return the templates that a template extends or includes by a constant name, not by an expression."""
    template_names = (getattr(node, "template", None) for node in tree.find_all(kind))
    return [
        template.value
        for template in template_names
        if isinstance(template, nodes.Const) and isinstance(template.value, str)
    ]


@functools.lru_cache(maxsize=128)
def _parse_template(text: str) -> nodes.Template:
    return environment().parse(text)


def _texts(node: nodes.Node, replaced_blocks: frozenset[str], *, is_in_block: bool) -> Iterator[str]:
    """Yield the texts of a tree outside the replaced blocks. With `is_in_block` False, yield only texts inside blocks."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            if child.name not in replaced_blocks:
                yield from _texts(child, replaced_blocks, is_in_block=True)
        elif is_in_block and isinstance(child, nodes.TemplateData):
            yield child.data
        elif is_in_block and isinstance(child, nodes.Name) and child.name == "safety":
            yield _ALL_SENTENCES
        else:
            yield from _texts(child, replaced_blocks, is_in_block=is_in_block)


def _keeps_inherited_text(block: nodes.Block) -> bool:
    calls = block.find_all(nodes.Call)
    return any(isinstance(call.node, nodes.Name) and call.node.name == "super" for call in calls)
