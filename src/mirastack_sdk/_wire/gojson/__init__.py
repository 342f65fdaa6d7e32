"""The primitives of the engine's JSON dialect that the generated codec is written in."""
