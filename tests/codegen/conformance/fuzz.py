"""Random messages, and damaged ones, compared with Google's classes."""

from collections import Counter
from collections.abc import Mapping

from google.protobuf.message import DecodeError as GoogleDecodeError
from google.protobuf.message import Message

from mirastack_sdk._wire.codec.message_codec import MessageCodec
from mirastack_sdk._wire.codec.proto_message import ProtoMessage
from mirastack_sdk.errors import DecodeError
from tests.golden.google import differences
from tests.golden.samples import random_message
from tests.wire.codec.fuzz.mutations import mutate_protobuf, seeded

type Codec = MessageCodec[ProtoMessage]


def disagreements(
    codecs: Mapping[str, Codec], classes: Mapping[str, type[Message]], count: int
) -> Counter[str]:
    """Return how often we and Google's classes agree and disagree, by what happened."""
    found: Counter[str] = Counter()
    generator = seeded(7)
    names = sorted(codecs)
    for number in range(count):
        name = names[number % len(names)]
        sample, other = (random_message(generator, classes[name], 2) for _ in range(2))
        found[_both_ways(codecs[name], sample)] += 1
        data = mutate_protobuf(generator, sample.SerializeToString(), other.SerializeToString())
        found[_damaged(codecs[name], classes[name], data)] += 1
    return found


def _both_ways(codec: Codec, sample: Message) -> str:
    ours = codec.decode(sample.SerializeToString())
    back = type(sample).FromString(codec.encode(ours))
    same = not differences(ours, sample) and not differences(ours, back)
    return "read and written the same" if same else f"DIFFERENT {sample.DESCRIPTOR.full_name}"


def _damaged(codec: Codec, cls: type[Message], data: bytes) -> str:
    try:
        theirs = cls.FromString(data)
    except GoogleDecodeError:
        theirs = None
    try:
        ours = codec.decode(data)
    except DecodeError as error:
        # Google's classes hold times that are invalid, which Python's own types cannot.
        is_time = "a Timestamp" in str(error) or "a Duration" in str(error)
        if theirs is not None and not is_time:
            return f"ONLY WE refuse {data.hex()}"
        return "refused" if theirs is None else "refused as an invalid time"
    if theirs is None:
        return f"ONLY GOOGLE refuses {data.hex()}"
    return f"DIFFERENT {data.hex()}" if differences(ours, theirs) else "damaged and read the same"
