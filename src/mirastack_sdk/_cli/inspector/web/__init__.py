"""The inspector over HTTP: the routes over a desk, and the guard before them."""
