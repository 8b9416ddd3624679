"""Section 8 (S), a few rows: the list that says whether a credential is revoked."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from conformance.making import documents as d
from conformance.making.case import Case, Expected, Positive, fail
from skillcred.encoding.base64url import encode_base64url
from skillcred.status.bitstring_status_list import build_entry, build_list_credential, encode_list
from worlds.pure_world import NOW, SoftSigner

URI = "https://provider.example/status/1"
LENGTH = 131_072
HOUR = timedelta(hours=1)


def unsigned_list(issuer: SoftSigner = d.ISSUER, **members: Any) -> dict[str, Any]:
    """The list without a proof; `encoded`, `purpose`, `uri` and `until` are parts of it, others its members."""
    document: dict[str, Any] = build_list_credential(
        uri=members.pop("uri", URI),
        issuer=issuer.did,
        purpose=members.pop("purpose", "revocation"),
        encoded_list=members.pop("encoded", encode_list(LENGTH, 1, {})),
        valid_from=NOW - 2 * HOUR,
        valid_until=members.pop("until", NOW + HOUR),
        ttl=timedelta(minutes=5),
    )
    return {**document, **members}


def credential(**entry: Any) -> bytes:
    made = {**build_entry(list_uri=URI, index=5, purpose="revocation"), **entry}
    return d.text(d.embedded(d.unsigned(credentialStatus=made)))


def request() -> dict[str, Any]:
    return {"evidence": [{"kind": "status_list", "id": URI, "file": "list.json"}]}


def positives() -> Iterator[Positive]:
    yield Positive(
        "valid_status",
        "The qualification has a status; the issuer's list, in evidence, has nothing to its place.",
        credential(),
        "json",
        request(),
        {"list.json": d.text(d.embedded(unsigned_list()))},
    )


def status(name: str, text: str, content: Any, expected: Expected, document: bytes | None = None) -> Case:
    return fail(
        name,
        text,
        credential() if document is None else document,
        expected,
        positive="valid_status",
        extension="json",
        request=request(),
        files={"list.json": d.text(content)},
    )


def unknown(code: str) -> Expected:
    return Expected(code, ((code, "/credentialStatus"),), step="status", outcome="indeterminate")


def cases() -> Iterator[Case]:
    good = d.embedded(unsigned_list())
    bits = encode_list(LENGTH, 1, {5: 1})
    whole = gzip.compress(bytes(LENGTH // 8), mtime=0)
    yield status(
        "S-10_revoked",
        "The bit of the credential is set in the issuer's list.",
        d.embedded(unsigned_list(encoded=bits)),
        Expected("revoked", (), step="status"),
    )
    yield status(
        "S-06_list_of_another_issuer",
        "Somebody else publishes, under the address that the credential names, a list in which nothing is revoked.",
        d.embedded(unsigned_list(d.ATTACKER), signer=d.ATTACKER),
        unknown("status_list_wrong_issuer"),
    )
    lists: dict[str, Any] = {
        "names_the_issuer_signed_by_another": d.embedded(unsigned_list(), signer=d.ATTACKER),
        "unsigned": unsigned_list(),
        "bits_exchanged": {
            **d.embedded(unsigned_list(encoded=bits)),
            "credentialSubject": good["credentialSubject"],
        },
    }
    for variant, content in lists.items():
        yield status(
            f"S-06_list_{variant}",
            "The list names the right issuer, and no signature of his holds for what it says.",
            content,
            unknown("status_list_not_verified"),
        )
    yield status(
        "S-06_list_of_another_name",
        "A list by the issuer, under the address of another one.",
        d.embedded(unsigned_list(uri=URI + "2")),
        unknown("status_list_wrong_name"),
    )
    yield status(
        "S-06_list_that_is_a_credential",
        "A credential of the issuer stands in for the list.",
        d.embedded(),
        unknown("status_list_malformed"),
    )
    yield status(
        "S-05_list_for_another_purpose",
        "The credential speaks of revocation, the list of suspension.",
        d.embedded(unsigned_list(purpose="suspension")),
        unknown("status_list_wrong_purpose"),
    )
    yield status(
        "S-02_second_member_behind_the_list",
        "Behind the compressed list stands another: two readers see two lists.",
        d.embedded(unsigned_list(encoded="u" + encode_base64url(whole + whole))),
        unknown("status_list_malformed"),
    )
    yield status(
        "S-03_place_outside_the_list",
        "The place of the credential lies behind the end of the list. That is not the same as not revoked.",
        good,
        unknown("status_index_out_of_range"),
        credential(statusListIndex=str(LENGTH), id=f"{URI}#{LENGTH}"),
    )
    yield status(
        "S-07_list_that_has_ended",
        "The list has ended an hour ago; what has been revoked since is not in it.",
        d.embedded(unsigned_list(until=NOW - HOUR)),
        unknown("status_list_stale"),
    )
    yield status(
        "S-12_list_with_a_status",
        "The list has a status of its own, in itself.",
        d.embedded(unsigned_list(credentialStatus=build_entry(list_uri=URI, index=1, purpose="revocation"))),
        unknown("status_list_malformed"),
    )
