"""What the SDK thinks: pure code, without sockets, tasks, environment or clock."""
