"""Values and declarations as a terminal shows them to people."""
