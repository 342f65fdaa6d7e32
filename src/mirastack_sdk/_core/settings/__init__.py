"""The process's settings, parsed from the environment."""
