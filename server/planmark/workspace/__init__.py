"""Files, discovery and the immutable snapshot of a workspace."""
