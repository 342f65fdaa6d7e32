"""The code generator: from the contract's proto file to the package `mirastack_sdk._gen`.

protoc parses the proto file into a descriptor. `contract` and the modules that it calls turn the
descriptor into a `Contract`, in which every Python name is chosen and every unsupported construct
has been refused. `rendering` turns the `Contract` into modules: messages and services from
templates, and both codecs as functions written out field by field. Adding a field to the proto
therefore needs no change here.

The generator is not part of the wheel. It never imports `mirastack_sdk`, so it can repair generated
code that cannot be imported. Which values are valid on the wire is decided in `_wire/codec`, by the
functions that the generated codecs call.
"""
