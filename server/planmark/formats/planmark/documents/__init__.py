"""Typed facts of the documents of the methodology, one type for each kind of document."""
