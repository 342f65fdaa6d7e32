"""The contract's messages, and the documented types that they carry.

Authors never see a message, and the wire never sees a documented type: this package translates.
`to_wire` writes the declarations, `execute_messages` reads a request and writes its response,
`plain_results` writes nearly all results in one pass, `engine_messages` writes the agent's calls of
the engine and reads what they return, and `parameters` is the JSON in which parameters and results
travel.

Values that the contract cannot carry raise an error whose sentence says what was expected. What is
valid for an engine is decided in `_core/policy`, how messages become bytes in `_wire/codec`.
"""
