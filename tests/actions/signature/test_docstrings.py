"""Docstrings of every style say the same; what none means is left as it stands."""

import pytest

from mirastack_sdk._actions.signature.docstrings import DocText, read_docstring

EXPECTED = DocText(
    description="Search log entries. It knows quotes.\nUse it to find errors.",
    parameters={"query": "What to look for, in one line.", "limit": "At most: so many."},
    returns="The entries.",
)

STYLES = {
    "google": """Search log entries.
        It knows quotes.

        Use it to find errors.

        Args:
            query: What to look for,
                in one line.
            limit (int, optional): At most: so many.

        Returns:
            The entries.

        Raises:
            ValueError: For no reason.
        """,
    "google-types": """Search log entries. It knows quotes.

        Use it to find errors.

        args:
            query (dict[str, (int)] or str): What to look for, in one line.
            limit (int): At most: so many.

        returns:
            list[LogLine] | None: The entries.
        """,
    "google-arguments": """Search log entries. It knows quotes.

        Use it to find errors.

        Arguments:
          query (str): What to look for,
            in one line.

        Keyword Args:
          limit: At most: so many.

        Yields:
          The entries.
        """,
    "numpy": """Search log entries. It knows quotes.

        Use it to find errors.

        Parameters
        ----------
        query : str
            What to look for,
            in one line.
        limit : int, optional
            At most: so many.

        Returns
        -------
        list
            The entries.

        Raises
        ------
        ValueError
            For no reason.
        """,
    "sphinx": """Search log entries. It knows quotes.

        Use it to find errors.

        :param str query: What to look for,
            in one line.
        :param limit: At most: so many.
        :type limit: int
        :returns: The entries.
        :raises ValueError: For no reason.
        """,
}


@pytest.mark.parametrize("docstring", STYLES.values(), ids=STYLES)
def test_styles_agree(docstring: str) -> None:
    """The same words in each style are read as the same description."""
    assert read_docstring(docstring) == EXPECTED


@pytest.mark.parametrize(
    ("docstring", "description"),
    [
        (None, ""),
        ("", ""),
        ("Search.", "Search."),
        ("Note: this is prose.", "Note: this is prose."),
        ("Search:\n\n- errors\n- warnings", "Search:\n- errors\n- warnings"),
        ("Search.\n\nExample:\n    a AND b", "Search.\nExample:\n    a AND b"),
        ("Search.\n\nArgs:\n    query: It.\n\nAfter all.", "Search.\nAfter all."),
    ],
    ids=["none", "empty", "line", "colon", "list", "example", "after-a-section"],
)
def test_prose_stays(docstring: str | None, description: str) -> None:
    """What is no section of parameters, results or exceptions is the description."""
    assert read_docstring(docstring).description == description


def test_one_entry_may_name_several_parameters() -> None:
    """NumPy's `a, b : int` describes both."""
    found = read_docstring("It.\n\nParameters\n----------\na, b : int\n    A side.")
    assert found.parameters == {"a": "A side.", "b": "A side."}
