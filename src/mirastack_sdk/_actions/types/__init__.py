"""The description of Python types for language models.

A type annotation goes in. pydantic builds the converter for it and its JSON schema; the schema
becomes a `Shape`, our own small tree, and the shape becomes one line of text such as
`array of object {service: string}`. The engine has six parameter types and no nesting, so this line
is all that a language model sees of a nested type.

Everything here happens once per type, before the agent serves. Values are not converted here:
`convert` reads them by their shape, and pydantic validates them.
"""
