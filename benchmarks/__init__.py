"""How fast and how large an agent is, beside other ways to write the same one."""
