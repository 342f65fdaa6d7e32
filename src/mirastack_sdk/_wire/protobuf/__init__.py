"""The primitives of the protobuf wire format that the generated codec is written in."""
