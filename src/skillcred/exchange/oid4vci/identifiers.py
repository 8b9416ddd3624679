"""Credential issuer identifiers, and the addresses that follow from one (OID4VCI 1.0 section 12.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from skillcred.errors import ConfigurationError

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


class WellKnown(StrEnum):
    """What is published at a place that follows from an identifier."""

    CREDENTIAL_ISSUER = "openid-credential-issuer"
    AUTHORIZATION_SERVER = "oauth-authorization-server"


@dataclass(frozen=True, slots=True)
class CredentialIssuer:
    """One issuing organisation. Its identifier is compared character by character, so that there is one spelling only:
    no slash at the end, lower-case host, no port that goes without saying.

    Raises `ConfigurationError` (`invalid_credential_issuer`); `http` is for a developer's own machine.
    """

    identifier: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.identifier)
            port = parts.port
        except ValueError as error:
            raise _invalid() from error
        host = parts.hostname or ""
        netloc = f"[{host}]" if ":" in host else host
        if port is not None and port != _DEFAULT_PORTS.get(parts.scheme):
            netloc = f"{netloc}:{port}"
        secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
        if not secure or not host or self.identifier != f"{parts.scheme}://{netloc}{parts.path}":
            raise _invalid()
        if "//" in parts.path or parts.path.endswith("/") or {".", ".."} & set(parts.path.split("/")):
            raise _invalid()

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a person is told to look for (SECURITY V-14)."""
        return self.identifier.removesuffix(self.path) if self.path else self.identifier

    @property
    def path(self) -> str:
        """The path, empty or with a slash at its beginning."""
        return urlsplit(self.identifier).path

    def well_known_url(self, kind: WellKnown) -> str:
        """Where metadata is: inserted between host and path (section 12.2.2; RFC 8414 section 3.1)."""
        return f"{self.origin}/.well-known/{kind.value}{self.path}"

    def url(self, name: str) -> str:
        """The address of an endpoint of this issuer."""
        return f"{self.identifier}/{name}"


def _invalid() -> ConfigurationError:
    return ConfigurationError(
        "A credential issuer identifier is an https URL in its plainest spelling, without query, fragment, user name "
        "or a slash at the end.",
        code="invalid_credential_issuer",
    )
