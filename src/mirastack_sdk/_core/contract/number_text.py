"""Numbers in JSON that stay text. Not compiled: mypyc builds no class that derives from `str`."""


class NumberText(str):
    """A number as it was written: none is rounded, none is too big."""

    __slots__ = ()
