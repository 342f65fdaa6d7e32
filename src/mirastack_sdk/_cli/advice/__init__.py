"""Advice about an agent: what engines accept, but language models or operators stumble over.

In comes an agent whose declarations pass the quality gates, with its source; out come findings.
Nothing here is served, and no action runs.
"""
