"""`python -m mirastack_sdk`: which SDK is installed, for bug reports."""

from mirastack_sdk._cli.installation import report

if __name__ == "__main__":
    print(report())  # noqa: T201 - it prints to a terminal
