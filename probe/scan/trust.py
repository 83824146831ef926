"""Whom to trust: TLS verification with a private authority beside those that the system trusts.

Comes in: the path of a bundle, or an error of the TLS layer. Goes out: a context that always verifies, or
why verification failed. There is no way to turn it off. Sends nothing.
"""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path
from typing import assert_never

from probe.errors import ConfigError, short_reason
from probe.evidence import CertificateFault

_LONGEST = 8 * 1024 * 1024
_HINT = "Give a PEM file with the certificate of the authority that signs your servers' certificates."
# X509_V_ERR_* of OpenSSL's x509_vfy.h, by what they mean to the owner of a server.
_FAULTS = {
    9: CertificateFault.NOT_YET_VALID,
    10: CertificateFault.EXPIRED,
    23: CertificateFault.REVOKED,
    **dict.fromkeys((62, 64), CertificateFault.OTHER_NAME),
    **dict.fromkeys((2, 18, 19, 20, 21, 24, 27), CertificateFault.UNKNOWN_AUTHORITY),
}


def tls_context(ca_bundle: Path) -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and those of `ca_bundle`, a PEM file.

    The system's are those of OpenSSL, which SSL_CERT_FILE and SSL_CERT_DIR replace. Raises ConfigError
    where the file cannot be read or holds no certificate.
    """
    text = _text_of(ca_bundle)
    try:
        return _trusting(text, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    except (ssl.SSLError, ValueError):
        raise ConfigError(
            f"The CA bundle {ca_bundle} holds no certificate that can be read.", _HINT
        ) from None


@lru_cache(maxsize=1)  # all organizations of a fleet have the same, and to make one takes 50 ms
def _trusting(text: str, _file: str | None, _folder: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=text)
    return context


def _text_of(ca_bundle: Path) -> str:
    try:
        with ca_bundle.open("rb") as file:
            raw = file.read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The CA bundle {ca_bundle} cannot be read: {short_reason(error)}.",
            "Check the path and its rights.",
        ) from None
    if len(raw) > _LONGEST:
        raise ConfigError(f"The CA bundle {ca_bundle} is longer than {_LONGEST // 1024**2} MiB.", _HINT)
    text = raw.decode("utf-8", errors="replace")
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise ConfigError(f"The CA bundle {ca_bundle} is no PEM file with a certificate.", _HINT)
    # What stands around the certificates (comments, names) may be in any encoding.
    return text.encode("ascii", errors="replace").decode("ascii")


def certificate_fault(error: BaseException | None) -> CertificateFault | None:
    """Return why a server's certificate was refused, or None for any other error."""
    while error is not None:
        code = getattr(error, "verify_code", None)  # aiohttp's own error is of ssl's type, and has none
        if isinstance(error, ssl.SSLCertVerificationError) and isinstance(code, int):
            return _FAULTS.get(code, CertificateFault.OTHER)
        inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
        error = inner if isinstance(inner, BaseException) else error.__cause__
    return None


def in_words(fault: CertificateFault) -> str:
    """Say why a certificate was refused."""
    match fault:
        case CertificateFault.EXPIRED:
            return "the server's certificate has expired"
        case CertificateFault.NOT_YET_VALID:
            return "the server's certificate is not valid yet"
        case CertificateFault.OTHER_NAME:
            return "the server's certificate is not for this host name"
        case CertificateFault.UNKNOWN_AUTHORITY:
            return "the server's certificate is signed by an authority that is not known here"
        case CertificateFault.REVOKED:
            return "the server's certificate was revoked"
        case CertificateFault.OTHER:
            return "the server's certificate was refused"
        case _:
            assert_never(fault)
