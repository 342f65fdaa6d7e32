"""What a function's signature declares."""
