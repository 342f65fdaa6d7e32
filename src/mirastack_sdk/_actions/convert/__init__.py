"""The conversion of text parameters to arguments.

The engine sends every parameter as text that a language model wrote. `value_reader` and `scalars`
read it by the shape of the parameter's type: `"yes"` as true, `a,b` as a list, JSON as an object.
pydantic then converts the value and checks it. `error_places` finds where its errors are in the
value, and `parameter_errors` writes each as a sentence with which a model can correct itself.

`arguments` does all this for one request. It returns the arguments with the errors and never
raises for what a model sent. The declaration of parameters is in `signature`, and `ranges` has the
rules for time ranges.
"""
