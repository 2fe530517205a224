"""The fields of an exported price."""

FIELDS = ("name", "price")
