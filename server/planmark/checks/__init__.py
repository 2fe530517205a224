"""Diagnostics: rules over snapshots and states."""
