"""The prompt of every step: the lines to read, and the text."""
