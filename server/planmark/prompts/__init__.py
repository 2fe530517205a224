"""The prompts of steps: their texts, their reading lists and their budgets."""
