"""What a type looks like to a language model."""
