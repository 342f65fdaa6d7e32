"""Docstrings of every style are read alike; all other text stays in the description."""

import textwrap

import pytest

from mirastack_sdk._actions.signature.docstrings import DocText, read_docstring
from mirastack_sdk.plugin import Context
from tests.actions.agents import new_agent

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
    """The same text in each style gives the same description."""
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
    """All text outside the sections for parameters, results and exceptions is the description."""
    assert read_docstring(docstring).description == description


ENTRIES = {
    "list": "- query: What to look for,\n  in one line.\n- limit (int): At most: so many.",
    "code": "`query`: What to look for,\n  in one line.\n``limit`` (int): At most: so many.",
    "bold": "* **query**: What to look for,\n  in one line.\n* **limit**: At most: so many.",
    "dashes": "query -- What to look for,\n  in one line.\nlimit (int) -- At most: so many.",
    "numbers": "1. query: What to look for,\n   in one line.\n2. limit: At most: so many.",
    "equals": "query = What to look for,\n  in one line.\nlimit = At most: so many.",
    "en-dash": "query \u2013 What to look for,\n  in one line.\nlimit \u2014 At most: so many.",
    "lines": "query (str)\n  What to look for,\n  in one line.\nlimit\n  At most: so many.",
    "plus": "+ query: What to look for,\n  in one line.\n+ limit: At most: so many.",
    "bullets": "• query: What to look for,\n  in one line.\n• limit: At most: so many.",
    "bold-colon": "**query:** What to look for,\n  in one line.\n- **limit:** At most: so many.",
    "quotes": "\"query\": What to look for,\n  in one line.\n'limit': At most: so many.",
    "brackets": "query [str]: What to look for,\n  in one line.\nlimit [int]: At most: so many.",
    "types": "`query` (`x`): What to look for,\n  in one line.\n`limit` (`x`): At most: so many.",
    "dash": "query - What to look for,\n  in one line.\nlimit - At most: so many.",
}


@pytest.mark.parametrize("entries", ENTRIES.values(), ids=ENTRIES)
@pytest.mark.parametrize("before", ["", "Search.\n\n"], ids=["first", "after-text"])
def test_entries_may_be_written_with_markup(before: str, entries: str) -> None:
    """Markdown's lists, code and dashes mark entries too, wherever the section starts."""
    section = f"{before}Args:\n{textwrap.indent(entries, '    ')}\n"
    assert read_docstring(section).parameters == EXPECTED.parameters
    assert read_docstring(section).description == before.strip()


@pytest.mark.parametrize(
    "kind",
    [
        "None",
        "bool",
        "bytes",
        "dict",
        "float",
        "int",
        "list",
        "set",
        "str",
        "tuple",
        "dict[str, x]",
    ],
)
def test_the_type_of_a_result_is_no_part_of_its_text(kind: str) -> None:
    """The signature has the type already; any other word may begin the sentence."""
    assert read_docstring(f"Returns:\n    {kind}: The entries.").returns == "The entries."
    assert read_docstring("Returns:\n    Entries: all.").returns == "Entries: all."


@pytest.mark.parametrize("heading", ["Parameters", "Returns", "Raises"])
def test_a_heading_at_the_very_end_is_no_prose(heading: str) -> None:
    """A section that its author left empty is not shown to a model."""
    found = read_docstring(f"Search.\n\n{heading}\n{'-' * len(heading)}")
    assert found == DocText(description="Search.")


def test_a_section_may_start_the_docstring() -> None:
    """The indentation that Python removes there does not hide the entries."""
    found = read_docstring("""Args:
            query: What to look for.

        Returns:
            The entries.
        """)
    assert found == DocText(parameters={"query": "What to look for."}, returns="The entries.")
    assert read_docstring("Returns:\n    The entries.") == DocText(returns="The entries.")


@pytest.mark.parametrize(
    ("section", "rest"),
    [
        ("    The usual ones.\n    query: It.", "The usual ones."),
        ("    query: It.\n    see the manual", "see the manual"),
        ("    query: It.\n    limit", "limit"),
        ("    query: It.\n\n    All others are\n      ignored.", "All others are ignored."),
    ],
    ids=["before", "after", "a-name-alone", "wrapped"],
)
def test_what_is_no_entry_stays(section: str, rest: str) -> None:
    """A line of a section that describes no parameter is part of the description."""
    found = read_docstring(f"Search.\n\nArgs:\n{section}\n\nAfter all.")
    assert found.parameters == {"query": "It."}
    assert found.description == f"Search.\n{rest}\nAfter all."


async def test_entries_for_other_names_stay() -> None:
    """The text on a name that is no parameter is kept; what is injected is not for models."""
    agent = new_agent()

    @agent.action
    async def search(query: str, from_: str, *, ctx: Context) -> int:  # noqa: D417 - as exposed
        """Search.

        Args:
            query: It.
            from: Where.
            querry: It again.
            ctx: The execution.
        """
        return len(query + from_ + ctx.execution_id)

    (action,) = agent.schema().actions
    assert action.description == "Search.\nquerry: It again."
    assert [param.description for param in action.input_params.values()] == ["It.", "Where."]


def test_google_entries_may_name_several_parameters() -> None:
    """Both get the text."""
    found = read_docstring("It.\n\nArgs:\n    a, b: A side.\n")
    assert found == DocText(description="It.", parameters={"a": "A side.", "b": "A side."})


LOST = {
    "no-indent": "Args:\nquery: It.",
    "markdown": "## Args\n- query: It.",
    "other-heading": "Inputs:\n    query: It.",
    "inline": "Args: query is It.",
    "equals": "Parameters\n==========\nquery : It.",
    "epytext": "@param query: It.",
    "table": "Args:\n    | query | It. |",
    "dotted": "Args:\n    query.start: It.",
    "item": "Args:\n    query[0]: It.",
    "hyphen": "Args:\n    dry-query: It.",
    "arrow": "Args:\n    query -> It.",
    "wide-colon": "Args:\n    query\uff1aIt.",
    "result": "Returns: query is It.",
    "note": "Note:\n    query: It.",
}


@pytest.mark.parametrize("section", LOST.values(), ids=LOST)
def test_what_looks_like_no_entry_stays(section: str) -> None:
    """A section that is written in another way is shown as it is."""
    found = read_docstring(f"Search.\n\n{section}\n")
    assert "query" in found.description
    assert found.description.rstrip(" |").endswith("It.")


def test_attributes_of_a_function_are_its_parameters() -> None:
    """The heading is that of a class; the text on other names is kept as well."""
    agent = new_agent()

    @agent.action
    async def search(query: str, limit: int = 5) -> int:  # noqa: D417 - the mistake
        """Search.

        Attributes:
            query: It.
            limit: Not this.
            other: That.

        Args:
            limit: At most.
        """
        return len(query) + limit

    (action,) = agent.schema().actions
    assert action.description == "Search.\nother: That."
    assert [param.description for param in action.input_params.values()] == ["It.", "At most."]


@pytest.mark.parametrize("names", ["a, b", "`a`, `b`", "*a, **b"])
def test_one_entry_may_name_several_parameters(names: str) -> None:
    """NumPy's `a, b : int` describes both."""
    found = read_docstring(f"It.\n\nParameters\n----------\n{names} : int\n    A side.")
    assert found.parameters == {"a": "A side.", "b": "A side."}
