"""The prompts of the steps of the methodology."""

TEMPLATES = "formats/planmark/prompts/templates"
"""The folder of the templates, relative to the package."""
