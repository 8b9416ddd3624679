"""The record of a key ceremony: whom the operator enrols, with which keys, how they were verified, and who saw it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.multibase import decode_multibase
from skillcred.model.datetimes import format_instant
from skillcred.services.enrol_national_body import Enrolment, check_enrolment
from skillcred.services.forms import Form, FormError
from skillcred.services.scope_forms import read_scope_form, write_scope_form
from skillcred.trust import AccreditationScope, Action, RegisteredKey

VERIFIED_BY: Final = ("in_person", "video", "official_gazette", "diplomatic_channel", "qualified_signature")
"""Ways in which a fingerprint is compared that do not go through the network the key came by."""
MIN_WITNESSES: Final = 2


@dataclass(frozen=True, slots=True)
class CeremonyKey:
    """A key, the fingerprint that was read out, and how it was compared."""

    key: RegisteredKey
    fingerprint: str
    verified_by: str
    verified_on: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody who was there, and for whom."""

    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Ceremony:
    """The whole record."""

    did: str
    name: str
    country: str
    website: str | None
    scopes: tuple[AccreditationScope, ...]
    keys: tuple[CeremonyKey, ...]
    witnesses: tuple[Witness, ...]
    held_on: str

    def enrolment(self, sha256: str) -> Enrolment:
        """What it enrols; `sha256` is the digest that two people approved."""
        return Enrolment(
            self.did,
            self.name,
            self.country,
            self.website,
            self.scopes,
            tuple(item.key for item in self.keys),
            sha256,
        )


def fingerprint_of(public_key_multibase: str) -> str:
    """The SHA-256 over the bytes of a Multikey (its two bytes of type, then the key), 64 hexadecimal digits."""
    return hashlib.sha256(decode_multibase(public_key_multibase)).hexdigest()


def read_ceremony(value: JsonValue) -> Ceremony:
    """The record, if it is complete and its fingerprints are those of its keys. Raises `InputError`, with the place."""
    form = Form(value)
    ceremony = Ceremony(
        did=form.text("did"),
        name=form.text("name"),
        country=form.text("country"),
        website=form.optional_text("website"),
        scopes=form.items("scopes", read_scope_form),
        keys=form.items("keys", _read_key),
        witnesses=form.items("witnesses", _read_witness),
        held_on=form.day("held_on"),
    )
    form.finish()
    if not ceremony.scopes or any(scope.action is not Action.ACCREDIT for scope in ceremony.scopes):
        raise FormError("A body is enrolled to accredit: each scope has that action.", pointer="/scopes")
    if not ceremony.keys:
        raise FormError("A ceremony verifies at least one key.", pointer="/keys")
    if len({item.key.verification_method for item in ceremony.keys}) != len(ceremony.keys):
        raise FormError("A key is named twice.", pointer="/keys")
    if len({witness.name.casefold() for witness in ceremony.witnesses}) < MIN_WITNESSES:
        raise FormError(f"A ceremony has at least {MIN_WITNESSES} witnesses.", pointer="/witnesses")
    check_enrolment(ceremony.enrolment(""))
    for index, item in enumerate(ceremony.keys):
        if fingerprint_of(item.key.public_key_multibase) != item.fingerprint:
            raise FormError("The fingerprint is not that of the key.", pointer=f"/keys/{index}/fingerprint")
    return ceremony


def write_ceremony(ceremony: Ceremony) -> JsonObject:
    """The record in its one form."""
    return {
        "did": ceremony.did,
        "name": ceremony.name,
        "country": ceremony.country,
        "website": ceremony.website,
        "scopes": [write_scope_form(scope) for scope in ceremony.scopes],
        "keys": [_write_key(item) for item in ceremony.keys],
        "witnesses": [{"name": item.name, "organisation": item.organisation} for item in ceremony.witnesses],
        "held_on": ceremony.held_on,
    }


def _read_key(value: JsonValue, pointer: str) -> CeremonyKey:
    form = Form(value, pointer)
    method, multikey = form.text("verification_method"), form.text("public_key_multibase")
    activated_at: datetime = form.instant("activated_at")
    fingerprint = form.text("fingerprint").replace(" ", "").replace(":", "").lower()
    verified_by = form.text("verified_by")
    if verified_by not in VERIFIED_BY:
        raise FormError(f"Keys are verified by {', '.join(VERIFIED_BY)}.", pointer=f"{pointer}/verified_by")
    key = CeremonyKey(
        RegisteredKey(method, multikey, activated_at),
        fingerprint,
        verified_by,
        form.day("verified_on"),
        form.optional_text("note"),
    )
    form.finish()
    return key


def _write_key(item: CeremonyKey) -> JsonObject:
    return {
        "verification_method": item.key.verification_method,
        "public_key_multibase": item.key.public_key_multibase,
        "activated_at": format_instant(item.key.activated_at),
        "fingerprint": item.fingerprint,
        "verified_by": item.verified_by,
        "verified_on": item.verified_on,
        "note": item.note,
    }


def _read_witness(value: JsonValue, pointer: str) -> Witness:
    form = Form(value, pointer)
    witness = Witness(form.text("name").strip(), form.text("organisation").strip())
    form.finish()
    return witness
