"""The removal of secrets, addresses, paths and tracebacks from text."""
