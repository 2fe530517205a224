"""The texts that a template of a workspace may output: its own texts and inherited texts. They are found without
rendering.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping

from jinja2 import TemplateNotFound, nodes

from planmark.plans.model import Step
from planmark.prompts.jinja_env import BUILT_IN_PREFIX, environment

LoadTemplate = Callable[[str], str]
"""A function that returns the text of the template with a name."""
_SAFETY_MARK = "\0"
"""A mark in the texts of a template. It stands for `{{ safety }}`, which outputs all safety sentences of the step."""


def templates_without_safety(
    own_templates: Mapping[str, str], safety: Mapping[Step, tuple[str, ...]]
) -> dict[str, str]:
    """Return a mapping from a template to a message, for templates whose prompts would lack a safety sentence.

    `own_templates` has the templates of the workspace that have no syntax errors. It maps the name of a template to its
    text. `safety` maps each step to its safety sentences. If a step has no template in the workspace, the message is
    about the shared templates that the step uses, such as `_base.md.j2`.
    """
    message_by_name: dict[str, str] = {}
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
            if _SAFETY_MARK in output
            else [sentence for sentence in sentences if sentence not in output]
        ):
            faulty_names = [name] if name in remaining_templates else used_names
            for template_name in faulty_names:
                message_by_name[template_name] = _missing_sentence_message(step, missing_sentences[0])
                del remaining_templates[template_name]
    return message_by_name


def _missing_sentence_message(step: Step, sentence: str) -> str:
    """Return the message that the prompts of a step lack the safety sentence `sentence`."""
    return (
        f"a prompt of {step} must say “{sentence}”: keep the built-in block by `{{{{ super() }}}}`, or write "
        f"`{{{{ safety|join(' ') }}}}`; the built-in template is used until then"
    )


def _loader(own_templates: Mapping[str, str]) -> LoadTemplate:
    """Return the function that returns the text of a template by its name.

    The text is that of the workspace if `own_templates` has the name, else that of the built-in template.
    """

    def load(name: str) -> str:
        if name in own_templates:
            return own_templates[name]
        built_in = environment()
        assert built_in.loader is not None
        return built_in.loader.get_source(built_in, name.removeprefix(f"{BUILT_IN_PREFIX}/"))[0]

    return load


def _texts_of_template(name: str, load: LoadTemplate) -> Iterator[tuple[str, str]]:
    """Yield pairs for a template and all templates that it extends or includes: the name of a template, and a text of
    it that may be output. The first text of each template is "", so that a template without texts also has a pair.
    """
    # Pairs: the name of a template, and the names of those of its blocks that a template extending it replaces.
    pending: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    seen_templates = set(pending)
    while pending:
        name, replaced_blocks = pending.pop()
        try:
            tree = _parse_template(load(name))
        except TemplateNotFound:
            continue
        parent_names = _related_template_names(tree, nodes.Extends)
        yield name, ""
        yield from ((name, text) for text in _texts_below(tree, replaced_blocks, is_in_block=not parent_names))
        own_blocks = frozenset(block.name for block in tree.find_all(nodes.Block) if not _keeps_inherited_text(block))
        related_templates = [
            *((included, frozenset[str]()) for included in _related_template_names(tree, nodes.Include)),
            *((parent, replaced_blocks | own_blocks) for parent in parent_names),
        ]
        pending += [
            related_template for related_template in related_templates if related_template not in seen_templates
        ]
        seen_templates.update(related_templates)


def _related_template_names(tree: nodes.Template, kind: type[nodes.Extends] | type[nodes.Include]) -> list[str]:
    """Return the names of the templates that a template extends or includes (`kind`).

    A name that an expression computes is left out.
    """
    template_names = (getattr(node, "template", None) for node in tree.find_all(kind))
    return [
        template.value
        for template in template_names
        if isinstance(template, nodes.Const) and isinstance(template.value, str)
    ]


@functools.lru_cache(maxsize=128)
def _parse_template(text: str) -> nodes.Template:
    return environment().parse(text)


def _texts_below(node: nodes.Node, replaced_blocks: frozenset[str], *, is_in_block: bool) -> Iterator[str]:
    """Yield the texts below `node` that are not in `replaced_blocks`.

    If `is_in_block` is False, yield only texts inside blocks. A template that extends a different template outputs only
    these texts.
    """
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            if child.name not in replaced_blocks:
                yield from _texts_below(child, replaced_blocks, is_in_block=True)
        elif is_in_block and isinstance(child, nodes.TemplateData):
            yield child.data
        elif is_in_block and isinstance(child, nodes.Name) and child.name == "safety":
            yield _SAFETY_MARK
        else:
            yield from _texts_below(child, replaced_blocks, is_in_block=is_in_block)


def _keeps_inherited_text(block: nodes.Block) -> bool:
    """Tell whether a block calls `super()`, which outputs the text of the block that this block replaces."""
    calls = block.find_all(nodes.Call)
    return any(isinstance(call.node, nodes.Name) and call.node.name == "super" for call in calls)
