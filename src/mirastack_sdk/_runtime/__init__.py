"""What owns tasks: the plugin service, the session with the engine, serve()."""
