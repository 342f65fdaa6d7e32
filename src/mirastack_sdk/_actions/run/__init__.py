"""The run of an action, and what lives around it."""
