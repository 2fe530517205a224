"""Diagnostics: the rules that run over snapshots and states."""
