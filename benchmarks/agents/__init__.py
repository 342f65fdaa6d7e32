"""The programs that are compared: one agent, written in four ways."""
