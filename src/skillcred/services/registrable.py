"""What may stand in the registry: DIDs in their one normal form, countries, web addresses (SECURITY T-10)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from skillcred.errors import InputError
from skillcred.identifiers import DidError, derive_document, did_of, did_web_url
from skillcred.services.ports import UnitOfWork

MAX_WEBSITE_CHARACTERS: Final = 500

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_URL_CHARACTERS = re.compile(r"[\x21-\x7e]+", re.ASCII)


def check_registrable_did(did: str, unit: UnitOfWork, *, pointer: str = "/did") -> None:
    """Refuse a DID that has a fragment, is of a method that we cannot resolve, or names no public host.

    An organisation of this deployment is accepted as it is. There is one spelling of each DID (the parsers
    accept no other), so exact comparison is enough later. Raises `DidError`.
    """
    if unit.organisations.find_by_did(did) is not None:
        return
    try:
        if did_of(did) != did:
            raise DidError("A DID is expected, without a fragment.")
        if derive_document(did) is None:
            did_web_url(did)
    except DidError as error:
        raise DidError(error.message, code=error.code, pointer=pointer) from error


def check_country(country: str, *, pointer: str = "/country") -> None:
    """Refuse what is not of the form of an ISO 3166-1 alpha-2 code. Raises `InputError`."""
    if not _COUNTRY.fullmatch(country):
        raise InputError("A country is two capital letters.", code="invalid_country", pointer=pointer)


def check_website(website: str | None, *, pointer: str = "/website") -> None:
    """Refuse what is not a plain https address. Raises `InputError`."""
    if website is None:
        return
    fault = InputError("The website is not an https address.", code="invalid_website", pointer=pointer)
    if len(website) > MAX_WEBSITE_CHARACTERS or not _URL_CHARACTERS.fullmatch(website):
        raise fault
    try:
        parts = urlsplit(website)
    except ValueError as error:
        raise fault from error
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise fault
