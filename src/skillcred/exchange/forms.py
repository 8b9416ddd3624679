"""Parameters of OAuth 2.0 in the body of a request (RFC 6749 appendix B), read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from skillcred.exchange.errors import OAuthError

MAX_FORM_BYTES: Final = 64 * 1024
"""Longest form, in bytes. A pushed authorization request with details and an attestation has about 8,000."""
MAX_FORM_FIELDS: Final = 64
"""Most parameters in a form. The longest request that is defined has about 15."""


def parse_form(body: bytes) -> Mapping[str, str]:
    """The parameters of an `application/x-www-form-urlencoded` body.

    Those without a value count as left out, and none may stand there twice (RFC 6749 section 3.2). Raises `OAuthError`.
    """
    if len(body) > MAX_FORM_BYTES:
        raise OAuthError("The request is longer than is accepted.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FORM_FIELDS,
        )
    except ValueError as error:
        raise OAuthError("The body of the request is no form.") from error
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise OAuthError("A parameter of the request is there twice.")
    return MappingProxyType({name: value for name, value in pairs if value})
