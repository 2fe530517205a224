"""The prompts of the steps of the methodology."""

TEMPLATES_FOLDER = "formats/planmark/prompts/templates"
"""The folder of the templates, relative to the package."""
