"""The agent's side of the engine: registration, configuration, calls."""
