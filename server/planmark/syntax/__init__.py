"""Markdown structure: a text is cut into sections, a section into blocks."""
