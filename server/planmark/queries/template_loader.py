"""The templates for the prompts of a workspace: its own templates if they are valid, else the built-in templates."""

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
from planmark.prompts.render import BUILT_IN, RenderedPrompt, Renderer, payload, render, tidy
from planmark.prompts.safety import missing_sentences
from planmark.text.similarity import most_similar
from planmark.workspace.settings import Settings
from planmark.workspace.template_files import TEMPLATE_SUFFIX, Template, read_templates, run_bounded

WORKER_MODULE = "planmark.prompts.sandbox_worker"
TEMPLATES_SETTING = "prompts.templates"


def renderer_of(root: Path, settings: Settings) -> tuple[Renderer, list[Diagnostic]]:
    """Return the renderer of a workspace, and the diagnostics of its templates.

    A template without the safety sentences of its step is not used: see `PlanPrompts`.
    """
    templates = read_templates(root, settings[TEMPLATES_SETTING])
    if not templates:
        return BUILT_IN, []
    findings = {
        name: broken_diagnostic
        for name, template in templates.items()
        if (broken_diagnostic := _unusable_template_diagnostic(name, template))
    }
    valid_texts = {name: template.text for name, template in templates.items() if name not in findings}
    if valid_texts:
        from planmark.prompts.inherited import templates_without_safety

        for name, message in templates_without_safety(valid_texts, plan_prompts().safety).items():
            findings[name] = TEMPLATE_BROKEN.at(templates[name].path, 1, message)
            del valid_texts[name]
    digest = hashlib.sha256(
        "\0".join(f"{name}\0{text}" for name, text in sorted(valid_texts.items())).encode()
    ).hexdigest()

    def render_bounded(step: Step, variables: Mapping[str, Any]) -> RenderedPrompt:
        name = f"{step}{TEMPLATE_SUFFIX}"
        if name in findings:
            return _built_in_instead(findings[name].path, findings[name].message, step, variables)
        if not valid_texts or not _depends_on_workspace(name, valid_texts):
            return render(step, variables)
        is_rendered, output = run_bounded(WORKER_MODULE, payload(name, valid_texts, variables))
        if not is_rendered:
            return _built_in_instead(f"{settings[TEMPLATES_SETTING]}/{name}", output, step, variables)
        worker_result = json.loads(output)
        used_template_paths = tuple(
            templates[template_name].path for template_name in dict.fromkeys(worker_result["used"])
        )
        text = tidy(worker_result["text"])
        if used_template_paths and (missing_texts := missing_sentences(plan_prompts().safety[step], text)):
            return _built_in_instead(
                used_template_paths[0], f"the prompt does not say “{missing_texts[0]}”", step, variables
            )
        return RenderedPrompt(text, "", used_template_paths)

    return Renderer(digest, render_bounded, is_trusted=not valid_texts), list(findings.values())


def _built_in_instead(path: str, reason: str, step: Step, variables: Mapping[str, Any]) -> RenderedPrompt:
    return RenderedPrompt(render(step, variables).text, f"the template {path} was not used: {reason}")


def _depends_on_workspace(name: str, own_templates: Mapping[str, str]) -> bool:
    """Tell whether the template of a step belongs to the workspace, or may inherit from a template that does."""
    return name in own_templates or any(template_name.startswith("_") for template_name in own_templates)


def _unusable_template_diagnostic(name: str, template: Template) -> Diagnostic | None:
    """Return the diagnostic of an unusable template: an unreadable file, an unknown step, or a syntax error.

    Return None for a usable template.
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
