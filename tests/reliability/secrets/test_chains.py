"""Hundreds of generated exception chains, none of which may reveal its secret."""

import logging
import traceback
from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mirastack_sdk._core.redaction.clean import describe_exception
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._runtime.log_output.field_formatter import FieldFormatter
from mirastack_sdk._runtime.log_output.secret_filter import SecretFilter
from tests.wire.http2.effort import EXAMPLES

# Without it, what is generated is harmless.
MARK = "~hidden~"

type Build = Callable[[str], BaseException]

words = st.sampled_from(["", "cannot reach ", "login failed: ", "https://h/x?a=1 ", "\n", "key="])
leaves: st.SearchStrategy[Build] = st.one_of(
    st.builds(lambda a, b: lambda s: ValueError(a + s + b), words, words),
    st.builds(lambda a: lambda s: KeyError(a + s), words),
    st.builds(lambda a: lambda s: RuntimeError(a, {"token": s}, [s]), words),
    st.just(lambda s: OSError(5, s, s)),
    st.just(lambda s: ValueError(s.encode())),
    st.just(lambda s: ConnectionError(f"https://user:{s}@host/path")),
    st.just(SystemExit),
    st.just(lambda s: SyntaxError("bad", ("file.py", 1, 1, s))),
    st.just(lambda _: ValueError("nothing to hide")),
)


def caused(inner: Build, outer: Build) -> Build:
    def build(secret: str) -> BaseException:
        error = outer(secret)
        error.__cause__ = inner(secret)
        return error

    return build


def followed(inner: Build, outer: Build) -> Build:
    def build(secret: str) -> BaseException:
        error = outer(secret)
        error.__context__ = inner(secret)
        return error

    return build


def noted(inner: Build, words: str) -> Build:
    def build(secret: str) -> BaseException:
        error = inner(secret)
        error.add_note(words + secret)
        return error

    return build


def grouped(inner: Sequence[Build], words: str) -> Build:
    return lambda secret: BaseExceptionGroup(words + secret, [build(secret) for build in inner])


chains = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(caused, inner, leaves),
        st.builds(followed, inner, leaves),
        st.builds(noted, inner, words),
        st.builds(grouped, st.lists(inner, min_size=1, max_size=3), words),
    ),
    max_leaves=5,
)
# One line each: what a traceback does to a text of several lines is tested by itself.
secrets = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=4, max_size=40
).filter(lambda text: len(text.strip()) >= 4)
many = settings(
    max_examples=EXAMPLES // 2,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def knowing(secret: str) -> KnownSecrets:
    known = KnownSecrets()
    known.learn([secret])
    return known


def logged(error: BaseException, secret: str, known: KnownSecrets) -> str:
    """Everything that a handler could write of a record full of the secret."""
    record = logging.LogRecord(
        "mirastack_sdk.agent", logging.ERROR, "file.py", 1, "%s failed: %s", ("it", secret), None
    )
    vars(record).update(field=secret, other=[secret], stack_info=f"stack {secret}")
    # Digits that change from record to record could be a secret by chance.
    vars(record).update(created=0.0, msecs=0.0, relativeCreated=0.0, process=1, thread=1)
    record.exc_info = (type(error), error, None)
    shown = SecretFilter(known.hide).filter(record)
    parts = [FieldFormatter().format(shown), logging.Formatter().format(shown), str(vars(shown))]
    if shown.exc_info and shown.exc_info[1]:
        parts += traceback.format_exception(shown.exc_info[1])
    return "\n".join(parts)


@many
@given(chains, secrets)
def test_the_engine_never_sees_it(build: Build, secret: str) -> None:
    """The description of an exception contains no secret, neither literally nor escaped."""
    known = knowing(secret)
    harmless = describe_exception(build(MARK), known.hide)
    shown = describe_exception(build(secret), known.hide)
    for form in {secret.strip(), repr(secret)[1:-1], ascii(secret)[1:-1]}:
        assume(form not in harmless + "[secret]")
        assert form not in shown


@many
@given(chains, secrets)
def test_the_log_never_shows_it(build: Build, secret: str) -> None:
    """Text, fields, exception and stack of a record contain no secret, whatever formats it."""
    known = knowing(secret)
    harmless = logged(build(MARK), MARK, known)
    shown = logged(build(secret), secret, known)
    for form in {secret.strip(), repr(secret)[1:-1], ascii(secret)[1:-1]}:
        assume(form not in harmless + "[secret]")
        assert form not in shown
