"""The one-page form."""
