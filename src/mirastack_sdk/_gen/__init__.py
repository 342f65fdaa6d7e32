"""The contract in Python, made by `make codegen`; not to be edited."""
