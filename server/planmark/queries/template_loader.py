"""The templates for the prompts of a workspace: its own valid templates, and built-in templates for all other steps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planmark.diagnostics.codes import TEMPLATE_BROKEN
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.model import Step
from planmark.prompts.plan_prompts import plan_prompts
from planmark.prompts.render import BUILT_IN_RENDERER, RenderedPrompt, Renderer, render, tidy, worker_input
from planmark.prompts.safety import missing_sentences
from planmark.text.similarity import most_similar
from planmark.workspace.settings import Settings
from planmark.workspace.template_files import TEMPLATE_SUFFIX, Template, read_templates, run_with_limits

WORKER_MODULE = "planmark.prompts.sandbox_worker"
"""The module of the process that renders templates of a workspace."""
TEMPLATES_SETTING = "prompts.templates"
"""The setting with the folder of the templates of a workspace."""


def renderer_of(root: Path, settings: Settings) -> tuple[Renderer, list[Diagnostic]]:
    """Return the renderer of a workspace, and the diagnostics of its templates.

    A template is not used if it lacks a safety sentence of its step; see `PlanPrompts`.
    """
    templates = read_templates(root, settings[TEMPLATES_SETTING])
    if not templates:
        return BUILT_IN_RENDERER, []
    diagnostic_by_name = {
        name: broken_diagnostic
        for name, template in templates.items()
        if (broken_diagnostic := _unusable_template_diagnostic(name, template))
    }
    valid_texts = {name: template.text for name, template in templates.items() if name not in diagnostic_by_name}
    if valid_texts:
        from planmark.prompts.inherited import templates_without_safety

        for name, message in templates_without_safety(valid_texts, plan_prompts().safety).items():
            diagnostic_by_name[name] = TEMPLATE_BROKEN.at(templates[name].path, 1, message)
            del valid_texts[name]
    digest = hashlib.sha256(
        "\0".join(f"{name}\0{text}" for name, text in sorted(valid_texts.items())).encode()
    ).hexdigest()

    def render_bounded(step: Step, variables: Mapping[str, Any]) -> RenderedPrompt:
        """Render the prompt of a step.

        If a template of the workspace may be used, a separate process with limited time and memory renders the prompt.
        """
        name = f"{step}{TEMPLATE_SUFFIX}"
        if name in diagnostic_by_name:
            return _built_in_prompt(diagnostic_by_name[name].path, diagnostic_by_name[name].message, step, variables)
        if not valid_texts or not _depends_on_workspace(name, valid_texts):
            return render(step, variables)
        is_rendered, output = run_with_limits(WORKER_MODULE, worker_input(name, valid_texts, variables))
        if not is_rendered:
            return _built_in_prompt(f"{settings[TEMPLATES_SETTING]}/{name}", output, step, variables)
        worker_result = json.loads(output)
        used_template_paths = tuple(
            templates[template_name].path for template_name in dict.fromkeys(worker_result["used"])
        )
        text = tidy(worker_result["text"])
        if used_template_paths and (missing_texts := missing_sentences(plan_prompts().safety[step], text)):
            return _built_in_prompt(
                used_template_paths[0], f"the prompt does not say “{missing_texts[0]}”", step, variables
            )
        return RenderedPrompt(text, "", used_template_paths)

    return Renderer(digest, render_bounded, is_trusted=not valid_texts), list(diagnostic_by_name.values())


def _built_in_prompt(path: str, reason: str, step: Step, variables: Mapping[str, Any]) -> RenderedPrompt:
    """Return the prompt from the built-in template of a step, with a note why the template at `path` is not used."""
    return RenderedPrompt(render(step, variables).text, f"the template {path} was not used: {reason}")


def _depends_on_workspace(name: str, own_templates: Mapping[str, str]) -> bool:
    """Tell whether the prompt from the template `name` may depend on `own_templates`, the templates of the workspace.
    It depends on them if `name` is one of them. It may also depend on them if one of them is a base template, whose
    name begins with `_`.
    """
    return name in own_templates or any(template_name.startswith("_") for template_name in own_templates)


def _unusable_template_diagnostic(name: str, template: Template) -> Diagnostic | None:
    """Return the diagnostic that a template is unusable; None if the template is usable.

    It is unusable if the file cannot be read, if its name belongs to no step, or if it has a syntax error.
    """
    import jinja2

    from planmark.prompts.jinja_env import environment

    if template.problem:
        return TEMPLATE_BROKEN.at(template.path, 1, f"{template.path} {template.problem}")
    names = environment().list_templates(filter_func=lambda path: "/" not in path)
    if name not in names and not name.startswith("_"):
        similar_name = most_similar(name, names)
        hint = f"; did you mean {similar_name}?" if similar_name else ""
        return TEMPLATE_BROKEN.at(template.path, 1, f"no step has the template {name}{hint}")
    try:
        environment().parse(template.text, name)
    except jinja2.TemplateSyntaxError as error:
        return TEMPLATE_BROKEN.at(
            template.path,
            error.lineno,
            f"{error.message}; the built-in template is used until this is fixed",
        )
    except RecursionError:
        return TEMPLATE_BROKEN.at(template.path, 1, "it is nested too deeply; the built-in template is used")
    return None
