"""Typed actions: an author's signatures as declarations, conversions and results."""
