"""An authority of the tests, and the certificates that it gives."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


class Certificate:
    """A certificate and its key, in PEM."""

    def __init__(
        self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
    ) -> None:
        """Only keep both."""
        self.serial = certificate.serial_number
        self.pem = certificate.public_bytes(Encoding.PEM)
        self.der = certificate.public_bytes(Encoding.DER)
        self.key_pem = key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both into a folder, and return their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        certificate, key = folder / "tls.crt", folder / "tls.key"
        certificate.write_bytes(self.pem)
        key.write_bytes(self.key_pem)
        return certificate, key


class Authority:
    """Gives certificates for servers on loopback, and for callers."""

    def __init__(self, name: str = "Authority of tests") -> None:
        """Make its own certificate."""
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.pem = (
            self._builder(self.name, self.key)
            .add_extension(x509.BasicConstraints(True, 0), critical=True)
            .sign(self.key, hashes.SHA256())
            .public_bytes(Encoding.PEM)
        )

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        ends: datetime.timedelta = DAY,
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * DAY)
            .not_valid_after(now + ends)
        )

    def give(
        self,
        name: str,
        dns: str = "",
        uri: str = "",
        ends: datetime.timedelta = DAY,
    ) -> Certificate:
        """Return a certificate of a common name and alternative names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names: list[x509.GeneralName] = []
        if dns:
            names.append(x509.DNSName(dns))
        if uri:
            names.append(x509.UniformResourceIdentifier(uri))
        builder = self._builder(subject, key, ends)
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(names), critical=False
            )
        return Certificate(builder.sign(self.key, hashes.SHA256()), key)

    def server(self, ends: datetime.timedelta = DAY) -> Certificate:
        """Return a certificate for a server at 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, "broadcastd")]
        )
        names = x509.SubjectAlternativeName(
            [
                x509.DNSName("localhost"),
                x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            ]
        )
        builder = self._builder(subject, key, ends).add_extension(
            names, critical=False
        )
        return Certificate(builder.sign(self.key, hashes.SHA256()), key)
