"""Messages to bytes and back, in both encodings of the contract."""
