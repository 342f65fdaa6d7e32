"""A certificate authority for tests."""

import ipaddress
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mirastack_sdk.security import ClientTls, ServerTls

_NUMBERS = itertools.count(1)
LOOPBACK = ("127.0.0.1",)
_MAY_SIGN = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path

    def server(self, client_ca: Path | None = None, names: Sequence[str] = ()) -> ServerTls:
        """A port that is served with this certificate."""
        return ServerTls(
            certificate=self.certificate, key=self.key, client_ca=client_ca, client_names=names
        )

    def move_to(self, other: "Issued") -> None:
        """Replace another pair of files, each in one step, as an operator's tool does."""
        self.certificate.replace(other.certificate)
        self.key.replace(other.key)


class Authority:
    """A CA, whose certificate is the file `ca`; on its own, or issued by another one."""

    def __init__(self, folder: Path, name: str = "ca", above: "Authority | None" = None) -> None:
        self.folder = folder
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test {name}")])
        self._key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _lasting(days=30, since_days=30)
            .subject_name(self.name)
            .public_key(self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_MAY_SIGN, critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
            )
        )
        certificate = (above or self).sign(builder)
        self.ca = folder / f"{name}.pem"
        self.ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(
        self,
        *names: str,
        common_name: str = "",
        days: float = 30,
        since_days: float = 1,
        passphrase: bytes | None = None,
    ) -> Issued:
        """Issue a certificate for hosts, addresses and URIs; negative `days` are past."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []
        builder = _lasting(days=days, since_days=since_days).subject_name(x509.Name(subject))
        if names:
            alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
            builder = builder.add_extension(alternatives, critical=not subject)
        certificate = self.sign(builder.public_key(key.public_key()))
        number = next(_NUMBERS)
        issued = Issued(
            certificate=self.folder / f"{number}.pem", key=self.folder / f"{number}.key"
        )
        issued.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        issued.key.write_bytes(_key_pem(key, passphrase))
        return issued

    def trusted(self, shown: Issued | None = None, server_name: str | None = None) -> ClientTls:
        """The options of a client that trusts this CA, with the certificate `shown` to servers."""
        return ClientTls(
            ca=self.ca,
            certificate=None if shown is None else shown.certificate,
            key=None if shown is None else shown.key,
            server_name=server_name,
        )

    def sign(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Issue a certificate from a builder."""
        # Since Python 3.13, `ssl.create_default_context` asks for it.
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.issuer_name(self.name).add_extension(own, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _lasting(*, days: float, since_days: float) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=since_days))
        .not_valid_after(now + timedelta(days=days))
    )


def _general_name(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
