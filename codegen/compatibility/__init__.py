"""The guard that compares the contract with the last released one.

`description` turns descriptors into the facts that peers and callers depend on. `messages`, `enums`
and `services` compare the facts of two contracts, and `comparison` puts them together. `release`
keeps the released contract in a file beside the proto, and `guard` decides whether code may be
generated.

A change is breaking if a peer of the last release reads or writes something else than we do, in
protobuf or in the JSON of Go's encoding/json, or if a program that uses the generated classes has
to be edited. Only descriptors are read here: no generated code, and no comments.
"""
