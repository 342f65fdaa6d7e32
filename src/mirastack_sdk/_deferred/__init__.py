"""What a start can put off: dataclasses, named tuples and regular expressions, and collections.

The standard library compiles the first three when their module is imported, and most processes use
few. Each module has the name of what it replaces and behaves alike, and type checkers see the
original. `collector` puts off the garbage collections of an import. Nothing in here may import
another part of the SDK.
"""
