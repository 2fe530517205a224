"""The prompts of the steps of the methodology."""
