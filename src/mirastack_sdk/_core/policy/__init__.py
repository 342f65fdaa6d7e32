"""Decisions: which agents may start, how to register, what to retry."""
