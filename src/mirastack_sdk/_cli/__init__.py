"""The command `mirastack-agent`: an author's tools on a laptop. Agents never import it."""
