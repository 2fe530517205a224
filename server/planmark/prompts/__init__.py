"""The prompt of every step: which lines to read, and the text."""
