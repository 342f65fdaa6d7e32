"""Codecs: messages as bytes in the two encodings of the contract, protobuf and JSON.

The functions that write and read each message class are generated (`_gen`), and built from the
primitives here: `protobuf_reader` and `protobuf_writer` behave as google's library does,
`gojson_reader` and `gojson_writer` as Go's encoding/json does, because the engine is written in
Go. `message_codec` collects them in tables, by message class and by method.

Whatever the input, reading raises only DecodeError, takes time in proportion to the size and
builds a bounded number of objects; writing raises only EncodeError, which names the field. The size
of messages is checked by the callers, before they decode.
"""
