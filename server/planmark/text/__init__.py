"""Lines, positions and edits of a text; knows nothing of Markdown."""
