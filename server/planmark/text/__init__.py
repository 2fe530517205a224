"""Lines, positions and edits of a text, without any knowledge of Markdown."""
