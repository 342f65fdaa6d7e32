"""The code generator: from proto files to Python packages, such as `mirastack_sdk._gen`.

protoc parses the files into descriptors. `refusals` names everything in them that proto3 has not.
`tree` and the modules that it calls turn the rest into a `Tree` of packages, in which every Python
name is chosen. `rendering` turns the `Tree` into modules: messages and services from templates, and
both codecs as functions written out field by field. Adding a field to a proto therefore needs no
change here.

The generator is not part of the wheel. It never imports `mirastack_sdk`, so it can repair generated
code that cannot be imported. Which values are valid on the wire is decided in `_wire/codec`, by the
functions that the generated codecs call.
"""
