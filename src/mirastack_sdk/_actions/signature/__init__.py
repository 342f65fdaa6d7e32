"""The declaration of an action, read from its function.

A function goes in; a `Signature` comes out, with the description, the parameters that a language
model fills, the arguments that are injected, and the output. `annotations` resolves type hints,
`docstrings` reads the texts, `dependencies` finds the sources of injected arguments, and
`action_parameters` makes the entries of the declaration.

Nothing here raises for a mistake in a signature. Each mistake is a declaration error, a sentence
from `signature_errors` that names file, line and function, and all of them are reported together.
Functions are only read here; `run` calls them.
"""
