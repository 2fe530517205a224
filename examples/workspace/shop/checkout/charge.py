"""Charges, once for each order."""
