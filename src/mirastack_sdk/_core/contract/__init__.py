"""The mapping between documented values and contract messages."""
