"""Why an encrypted connection did not come about, in words an operator can act on.

gRPC has no code for it, and a backend that turns away a certificate, or wants TLS where it is given none, often just
hangs up. So after such a failure the endpoint is connected to once more, by OpenSSL, and nothing is sent: what fails
then, and how, is the reason.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

EXPLANATIONS: Final = {
    "tls_required": "it wants TLS, and this exporter is configured without",
    "tls_not_spoken": "it answers, but not in TLS",
    "tls_certificate_expired": "its certificate has expired",
    "tls_certificate_not_yet_valid": "its certificate is not valid yet",
    "tls_wrong_host": "its certificate is for another host name",
    "tls_unknown_authority": "its certificate leads to no authority that is trusted here",
    "tls_certificate_invalid": "its certificate cannot be verified",
    "tls_client_certificate": "it does not accept this exporter's certificate, or misses one: it hangs up on it",
    "tls_version": "it speaks no version of TLS, or no cipher, in common with this exporter",
    "tls_handshake": "the TLS handshake failed",
}
"""Every reason there is."""

_PROBE_TIMEOUT_S: Final = 3.0
_HANDSHAKE_TIMEOUT_S: Final = 2.0
_ALERT_WAIT_S: Final = 0.5
"""In TLS 1.3 the backend judges the client's certificate after the handshake. If it is content, it waits for a request
(HTTP) or says hello (gRPC); if not, it sends an alert, or hangs up without one, as gRPC's own servers do.
"""

_VERIFY_REASONS: Final = {
    9: "tls_certificate_not_yet_valid",  # X509_V_ERR_CERT_NOT_YET_VALID
    10: "tls_certificate_expired",  # X509_V_ERR_CERT_HAS_EXPIRED
    **dict.fromkeys((2, 18, 19, 20, 21), "tls_unknown_authority"),  # no issuer, self-signed, chain without an end
    **dict.fromkeys((62, 63, 64), "tls_wrong_host"),  # mismatch of host name, e-mail, address
}
_NOT_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE", "RECORD_TOO_SMALL"}
)
_VERSION: Final = (
    "UNSUPPORTED_PROTOCOL",
    "ALERT_PROTOCOL_VERSION",
    "ALERT_HANDSHAKE_FAILURE",
    "NO_PROTOCOLS_AVAILABLE",
)
_CLIENT_CERTIFICATE: Final = ("CERTIFICATE_REQUIRED", "ALERT_UNKNOWN_CA", "ALERT_ACCESS_DENIED")


def tls_reason(error: BaseException | None) -> str | None:
    """The reason in an error, or in what caused it; None if none of them is about TLS."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _VERIFY_REASONS.get(error.verify_code, "tls_certificate_invalid")
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            return _reason_of(error.reason or "")
        error = error.__cause__ or error.__context__
    return None


def _reason_of(reason: str) -> str:
    if reason in _NOT_TLS:
        return "tls_not_spoken"
    # An alert is what the other side says: all those about a certificate are about ours.
    if any(word in reason for word in _CLIENT_CERTIFICATE) or ("ALERT" in reason and "CERTIFICATE" in reason):
        return "tls_client_certificate"
    return "tls_version" if any(word in reason for word in _VERSION) else "tls_handshake"


async def probe_tls(
    host: str, port: int, make_context: Callable[[], ssl.SSLContext], server_name: str | None
) -> str | None:
    """Connects as the exporter would. The reason it fails for, or None if it does not, or for no reason of TLS."""
    try:
        context = make_context()
        async with asyncio.timeout(_PROBE_TIMEOUT_S):
            reader, writer = await _connect(host, port, context, server_name or host)
            try:
                return await _verdict_on_us(reader)
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError) as error:
        return tls_reason(error)


async def _verdict_on_us(reader: asyncio.StreamReader) -> str | None:
    try:
        async with asyncio.timeout(_ALERT_WAIT_S):
            return None if await reader.read(1) else "tls_client_certificate"
    except TimeoutError:
        return None
    except OSError as error:
        return tls_reason(error) or "tls_client_certificate"


async def probe_plain_text(host: str, port: int) -> str | None:
    """`tls_required` if what listens there speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(_PROBE_TIMEOUT_S):
            _, writer = await _connect(host, port, context, host)
    except (OSError, TimeoutError) as error:
        # An alert is TLS, too.
        return "tls_required" if tls_reason(error) in {"tls_client_certificate", "tls_version"} else None
    writer.transport.abort()
    return "tls_required"


async def _connect(
    host: str, port: int, context: ssl.SSLContext, server_name: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    # With time limits of its own: a handshake that is cancelled from outside keeps its socket for half a minute.
    return await asyncio.open_connection(
        host,
        port,
        ssl=context,
        server_hostname=server_name,
        ssl_handshake_timeout=_HANDSHAKE_TIMEOUT_S,
        ssl_shutdown_timeout=0.1,
    )
