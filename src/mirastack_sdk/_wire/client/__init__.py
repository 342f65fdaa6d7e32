"""The calling side: a channel to the engine."""
