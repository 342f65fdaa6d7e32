"""Parameters as a model wrote them, made into arguments."""
