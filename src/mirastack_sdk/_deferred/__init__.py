"""Dataclasses, named tuples and regular expressions that are compiled when they are first used.

The standard library compiles them when their module is imported, and most processes use few. Each
module has the name of what it replaces and behaves alike, and type checkers see the original.
Nothing in here may import another part of the SDK.
"""
