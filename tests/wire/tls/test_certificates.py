"""The validity of certificates, read from their own bytes."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._wire.tls.certificates import Validity, validity_in
from tests.reliability.tls.certificates import Authority

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody")])


def certificate(begins: datetime, ends: datetime, serial: int = 1) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(NAME).issuer_name(NAME)
    builder = builder.public_key(key.public_key()).serial_number(serial)
    builder = builder.not_valid_before(begins).not_valid_after(ends)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


SOME = certificate(datetime(2026, 1, 2, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 4, 2, 3, 4, 5, tzinfo=UTC)),
        (datetime(1999, 12, 31, tzinfo=UTC), datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (datetime(2049, 12, 31, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
    ids=["months", "two digits of the year", "four digits of the year", "for ever"],
)
def test_times_are_read(begins: datetime, ends: datetime) -> None:
    """Both forms of time in a certificate are read to the second."""
    found = validity_in(pem(certificate(begins, ends, serial=2**150)))
    assert found == Validity(begins.timestamp(), ends.timestamp())


def test_the_first_certificate_counts(tmp_path: Path) -> None:
    """A file starts with the certificate itself, before intermediates, with any text in between."""
    now = datetime.now(UTC).replace(microsecond=0)
    other = certificate(now, now + timedelta(days=1))
    assert validity_in(f"subject: me\n{pem(SOME)}{pem(other)}") == validity_in(pem(SOME))
    issued = Authority(tmp_path).issue("host", days=3)
    found = validity_in(issued.certificate.read_text())
    assert found.ends - datetime.now(UTC).timestamp() == pytest.approx(3 * 86_400, abs=5)


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN CERTIFICATE-----\n-----END"])
def test_what_holds_no_certificate_is_refused(text: str) -> None:
    """A text without a certificate is refused with that reason."""
    with pytest.raises(ValueError, match="there is no certificate in it"):
        validity_in(text)


@given(st.integers(min_value=0, max_value=len(SOME)), st.binary(max_size=8))
def test_damage_never_ends_otherwise(position: int, replacement: bytes) -> None:
    """A damaged certificate is either read or refused with one kind of error."""
    damaged = SOME[:position] + replacement + SOME[position + 4 :]
    assert outcome_of(pem(damaged)) in {"read", "the certificate in it is damaged"}


def outcome_of(text: str) -> str:
    try:
        validity_in(text)
    except ValueError as error:
        return str(error)
    return "read"
