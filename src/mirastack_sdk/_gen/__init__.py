"""The contract in Python, made from the proto file by `make codegen`; do not edit.

`messages` has the enums and messages, `services` the methods, the bases to serve them and the stubs
to call them. `protobuf_codec` and `gojson_codec` encode and decode every message: protobuf, and the
JSON of Go's encoding/json. They are written out field by field for speed, and built from the
functions in `_wire/codec`, which define what is valid.

Only names, types and order of fields are decided here. To change anything, change the proto file or
`codegen/`.
"""
