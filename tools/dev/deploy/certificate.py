"""A certificate authority that lives for one run, and a certificate for `localhost` that it has signed."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import CertificateBuilder

# The names of the files: the authority's certificate, the server's certificate and its key.
AUTHORITY, CERTIFICATE, KEY = "authority.pem", "certificate.pem", "key.pem"


def create(folder: Path) -> None:
    """Writes the three files. The authority's key is not kept."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    signer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = begin("DocuVault test", signer).add_extension(x509.BasicConstraints(True, None), critical=True)
    server = begin("localhost", key).add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    server = server.add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), False)
    for name, builder in ((AUTHORITY, authority), (CERTIFICATE, server)):
        signed = builder.sign(signer, hashes.SHA256())
        (folder / name).write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / KEY).write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def begin(subject: str, key: "EllipticCurvePrivateKey") -> "CertificateBuilder":
    """Begins a certificate that is valid for a day."""
    from cryptography import x509

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name("DocuVault test"))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
