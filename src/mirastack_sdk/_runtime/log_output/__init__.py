"""The log of an agent: what its records say, and how they are written.

Records of any logger come in. `context_filter` adds what identifies the running call,
`secret_filter` removes secrets, `field_formatter` and `json_formatter` turn records into lines, and
`sdk_handler` writes those to standard error if the author has not configured logging.
"""
