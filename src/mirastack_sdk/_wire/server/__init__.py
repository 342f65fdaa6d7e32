"""The serving side: connections, calls and limits."""
