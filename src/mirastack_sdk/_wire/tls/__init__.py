"""TLS for both ends."""
