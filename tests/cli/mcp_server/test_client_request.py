"""One request of an MCP client: what the client can be asked."""

from types import SimpleNamespace
from typing import cast

import pytest
from mcp import types

from mirastack_sdk._cli.mcp_server.client_request import ClientRequest, RequestContext

FORM, URL = types.FormElicitationCapability(), types.UrlElicitationCapability()
Elicitation = types.ElicitationCapability


def request_of(capabilities: types.ClientCapabilities | None) -> ClientRequest:
    """A request of a client with these capabilities."""
    session = SimpleNamespace(client_capabilities=capabilities)
    context = cast("RequestContext", SimpleNamespace(session=session, request_id=1))
    return ClientRequest(context, "debug")


@pytest.mark.parametrize(
    ("elicitation", "expected"),
    [
        (None, False),
        (Elicitation(), True),
        (Elicitation(form=FORM), True),
        (Elicitation(form=FORM, url=URL), True),
        (Elicitation(url=URL), False),
    ],
    ids=["none", "of 2025-06-18", "form", "both", "url"],
)
def test_questions_need_forms(elicitation: Elicitation | None, expected: bool) -> None:
    """A client that only opens URLs cannot ask, and one of the first release names no form."""
    capabilities = types.ClientCapabilities(elicitation=elicitation)
    assert request_of(capabilities).can_be_asked is expected


def test_a_client_without_capabilities_cannot_ask() -> None:
    """Some requests say nothing about the client."""
    assert not request_of(None).can_be_asked
