"""The results of actions: JSON of limited size from any return value.

`json_encoding` converts a return value to JSON, or raises an error that names the part that cannot
be expressed. `truncation` cuts the JSON to the limit of the action, in such a way that it stays
valid JSON, and notes what it cut.

The order is fixed: a value is encoded while its dependencies are open, then truncated once.
"""
