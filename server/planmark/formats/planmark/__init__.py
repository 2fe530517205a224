"""The methodology of Planmark as a plan format."""
