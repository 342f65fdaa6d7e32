"""TARGET -> the agent: what a command is pointed at, and the author's code, which it imports."""
