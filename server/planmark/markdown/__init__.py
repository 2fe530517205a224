"""Markdown structure: sections of a text, and blocks of a section."""
