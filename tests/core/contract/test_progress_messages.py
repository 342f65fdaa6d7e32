"""Progress as it goes over the wire."""

import json

import pytest

from mirastack_sdk._core.contract.progress_messages import progress_in, progress_request
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.plugin import Context, Progress
from tests.golden.google import CONTRACT, google_classes

CTX = Context(execution_id="e", step_id="s")
REQUEST = progress_request(CTX, Progress(fraction=0.4, message="window 3 of 7"), "t")
RESULT = b'{"schema_version":"mirastack.progress/v1","progress":0.4,"message":"window 3 of 7"}'


def encoded(encoding: Encoding) -> bytes:
    return CODECS[encoding].for_type(wire.PublishResultRequest).encode(REQUEST)


def test_it_is_a_publish_result_in_json() -> None:
    """These are the bytes for the engines of today: Go's JSON, with the object in base64."""
    assert encoded(Encoding.JSON) == (
        b'{"execution_id":"e","step_id":"s","result_json":"eyJzY2hlbWFfdmVyc2lvbiI6Im1pcmFzdGFjay5'
        b"wcm9ncmVzcy92MSIsInByb2dyZXNzIjowLjQsIm1lc3NhZ2UiOiJ3aW5kb3cgMyBvZiA3In0="
        b'","success":true,"tenant_id":"t"}'
    )


def test_it_is_a_publish_result_in_protobuf() -> None:
    """These are the bytes, and Google's classes read them."""
    data = encoded(Encoding.PROTOBUF)
    assert data == b"\n\x01e\x12\x01s\x1aS" + RESULT + b" \x012\x01t"
    google = google_classes(*CONTRACT)["PublishResultRequest"].FromString(data)
    assert getattr(google, "result_json") == RESULT  # noqa: B009 - google's classes are made at run time


@pytest.mark.parametrize(
    ("progress", "members"),
    [
        (Progress(fraction=None, message=""), {"progress": None, "message": ""}),
        (Progress(fraction=1.0, message='é "x"'), {"progress": 1.0, "message": 'é "x"'}),
        (Progress(fraction=0.0, message="\ud800"), {"progress": 0.0, "message": "\ufffd"}),
    ],
    ids=["unknown", "done", "surrogate"],
)
def test_every_progress_is_an_object_with_the_same_members(
    progress: Progress, members: dict[str, object]
) -> None:
    """A reader needs no cases."""
    request = progress_request(CTX, progress, "t")
    assert json.loads(request.result_json) == {
        "schema_version": "mirastack.progress/v1",
        **members,
    }


def test_the_message_is_cleaned() -> None:
    """Of the message, only what may leave the process is sent."""
    request = progress_request(CTX, Progress(message="to host"), "t", lambda _: "to [address]")
    assert progress_in(request.result_json) == Progress(message="to [address]")


@pytest.mark.parametrize("fraction", [None, 0.0, 0.4, 1.0])
def test_a_test_engine_reads_it_back(fraction: float | None) -> None:
    """What was reported is what is recorded."""
    progress = Progress(fraction=fraction, message="window 3 of 7")
    assert progress_in(progress_request(CTX, progress, "t").result_json) == progress


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '"mirastack.progress/v1"',
        '{"progress":0.4,"message":"x"}',
        '{"schema_version":"mirastack.progress/v2","progress":0.4,"message":"x"}',
        '{"schema_version":"mirastack.progress/v1","progress":"0.4","message":"x"}',
        '{"schema_version":"mirastack.progress/v1","progress":true,"message":"x"}',
        '{"schema_version":"mirastack.progress/v1","progress":0.4}',
        '{"schema_version":"mirastack.progress/v1","progress":0.4,"message":"x","rows":[]}',
        '[{"schema_version":"mirastack.progress/v1","progress":0.4,"message":"x"}]',
    ],
)
def test_a_partial_result_is_no_progress(text: str) -> None:
    """An author may publish any JSON, also one that looks similar."""
    assert progress_in(text.encode()) is None
