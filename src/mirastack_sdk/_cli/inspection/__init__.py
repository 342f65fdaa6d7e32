"""What an agent declares, as JSON and for people."""
