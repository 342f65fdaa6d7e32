"""What an action returned, made into a result of a limited size."""
