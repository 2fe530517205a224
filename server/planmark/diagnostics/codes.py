"""The catalogue of diagnostic codes: the codes of the core and of every format. Codes are stable names."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from planmark.diagnostics.rules import methodology
from planmark.plans.diagnostic import DiagnosticCode
from planmark.plans.registry import codes_of_formats
from planmark.text.similarity import most_similar
from planmark.workspace.setting_values import SettingWarning

ENCODING = DiagnosticCode("encoding", "warning", "text that is not UTF-8, was decoded wrongly, or has mixed line ends")
FILE_UNREADABLE = DiagnosticCode("file-unreadable", "error", "a document that cannot be read correctly")
CONFIGURATION = DiagnosticCode("configuration", "warning", "an unknown key or an invalid value in the settings")
TEMPLATE_BROKEN = DiagnosticCode("template-broken", "error", "a prompt template of the workspace that cannot be used")
PROMPT_OVER_BUDGET = DiagnosticCode(
    "prompt-over-budget", "warning", "a next prompt that exceeds the budget even after all reductions"
)
LEASE_STALE = DiagnosticCode(
    "lease-stale", "information", "a lease that was not renewed, so that any agent may take its step"
)
LEASE_UNREADABLE = DiagnosticCode("lease-unreadable", "information", "a file of a lease that cannot be read as one")
UNUSED_SUPPRESSION = DiagnosticCode("unused-suppression", "hint", "a suppression comment that matches no diagnostic")
CORE_CODES = (
    *(ENCODING, FILE_UNREADABLE, CONFIGURATION, TEMPLATE_BROKEN, PROMPT_OVER_BUDGET),
    *(LEASE_STALE, LEASE_UNREADABLE, UNUSED_SUPPRESSION),
)
"""The codes that no format owns."""

RENAMED_CODES = {"verdict-name": "document-name"}
"""Mapping from a former code to the current code. Settings, comments and command lines may still use former codes."""


@functools.cache
def catalogue() -> Mapping[str, DiagnosticCode]:
    """Return a mapping from the name of each code to its description.

    The first call imports the codes of all formats, so call it only to list or to look up codes. If several formats
    define the same code, the description of the first format counts.
    """
    codes: dict[str, DiagnosticCode] = {}
    for check in (*methodology().codes, *CORE_CODES, *codes_of_formats()):
        codes.setdefault(check.code, check)
    return codes


def current_code(code: str) -> str:
    """Return the current name of `code`, which may be a former name."""
    return RENAMED_CODES.get(code, code)


def code_and_former_names(code: str) -> tuple[str, ...]:
    """Return a tuple of `code` and its former names."""
    return (code, *(former_code for former_code, new_code in RENAMED_CODES.items() if new_code == code))


def unknown_code_warnings(values: Mapping[str, Any]) -> list[SettingWarning]:
    """Return a warning for each unknown code that the settings name.

    `values` maps the key of a setting to its value.
    """
    severities, ignored_codes = values.get("diagnostics.severity", {}), values.get("diagnostics.ignore", {})
    codes_of_settings = [("diagnostics.severity", code) for code in severities]
    codes_of_settings += [("diagnostics.ignore", code) for codes in ignored_codes.values() for code in codes]
    warnings = []
    for setting_key, code in dict.fromkeys(codes_of_settings):
        if code != "*" and current_code(code) not in catalogue():
            nearest_code = most_similar(code, catalogue())
            hint = f"; did you mean `{nearest_code}`?" if nearest_code else ""
            message = f"names `{code}`, which is not a diagnostic code{hint}"
            warnings.append(SettingWarning(message, f"{setting_key}.{code}", None, code, nearest_code))
    return warnings
