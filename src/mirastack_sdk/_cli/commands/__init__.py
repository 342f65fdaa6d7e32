"""One module for each command of `mirastack-agent`; each is imported only when it is used."""
