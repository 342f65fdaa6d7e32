"""Google's conformance suite for protobuf, run against the code that codegen generates.

`python -m tests.codegen.conformance` (`make conformance`) downloads the suite once, generates the
code for its messages, and reports the cases that fail. `testee` is the program that the suite asks.
"""
