"""A real engine on loopback."""
