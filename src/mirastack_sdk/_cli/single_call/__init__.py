"""One Execute on the command line: what is asked, what happens meanwhile, and the report."""
