"""Calls of the author's code."""
