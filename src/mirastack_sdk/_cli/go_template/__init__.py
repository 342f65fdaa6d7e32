"""The syntax of Go's text/template, as far as Go checks it when it parses a template.

In comes the text of a template; out comes the first error and its line, or nothing. Templates are
never executed here.
"""
