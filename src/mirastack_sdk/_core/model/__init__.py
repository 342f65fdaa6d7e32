"""The documented types: what an author declares, receives and returns."""
