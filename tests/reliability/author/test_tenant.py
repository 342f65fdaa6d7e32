"""An execution for another tenant never reaches the author, however the tenant is spelled."""

import pytest
from grpclib.exceptions import GRPCError

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk.testing import Encoding
from tests.reliability.author.bench import TIMEOUT, Agent, calling

OWN = "824a1531-d24a-549c-8003-23b0f2d206cd"

OTHERS = {
    "other": "00000000-0000-0000-0000-000000000000",
    "upper-case": OWN.upper(),
    "without-hyphens": OWN.replace("-", ""),
    "in-braces": f"{{{OWN}}}",
    "urn": f"urn:uuid:{OWN}",
    "blank": " ",
    "tab": "\t",
    "null-character": "\0",
    "blank-before": f" {OWN}",
    "blank-behind": f"{OWN} ",
    "line-break": f"{OWN}\n",
    "null-behind": f"{OWN}\0",
    "prefix": OWN[:-1],
    "longer": f"{OWN}0",
    "other-script": OWN.replace("a", "\u0430"),
    "full-width": OWN.replace("8", "\uff18"),
    "zero-width": f"{OWN}\u200b",
    "slug": "acme",
    "wildcard": "*",
    "list": f"{OWN},other",
    "huge": "x" * 1_000_000,
}


@pytest.mark.contract("Who calls whom: Execute for another tenant is PERMISSION_DENIED")
@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("asked", OTHERS.values(), ids=OTHERS)
async def test_another_tenants_execution_is_refused_unseen(
    asked: str, encoding: Encoding, caplog: pytest.LogCaptureFixture
) -> None:
    """It ends as PERMISSION_DENIED, names neither tenant, and is logged in one short line."""
    agent = Agent()
    request = wire.ExecuteRequest(execution_id="e-1", action_id="answer", tenant_id=asked)
    async with calling(agent, tenant_id=OWN, encoding=encoding) as caller:
        with pytest.raises(GRPCError) as caught:
            await caller.stub.execute(request, timeout=TIMEOUT)
        own = wire.ExecuteRequest(action_id="answer", tenant_id=OWN)
        assert (await caller.stub.execute(own, timeout=TIMEOUT)).success
    assert caught.value.status is Status.PERMISSION_DENIED
    assert caught.value.message == "this agent serves another tenant"
    assert len(agent.seen) == 1
    (record,) = [record for record in caplog.records if "tenant" in record.getMessage()]
    assert len(str(getattr(record, "tenant_id", ""))) <= 64


async def test_a_tenant_in_the_context_or_the_metadata_is_ignored() -> None:
    """Only the message's own field identifies the tenant of an execution."""
    agent = Agent()
    request = wire.ExecuteRequest(
        action_id="answer", tenant_id="other", context={"tenant_id": OWN, "tenant": OWN}
    )
    async with calling(agent, tenant_id=OWN) as caller:
        with pytest.raises(GRPCError) as caught:
            await caller.stub.execute(
                request, timeout=TIMEOUT, metadata={"tenant_id": OWN, "x-tenant-id": OWN}
            )
    assert caught.value.status is Status.PERMISSION_DENIED
    assert agent.seen == []
