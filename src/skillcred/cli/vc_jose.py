"""`skillcred vc-jose issue` and `verify`: envelopes by a key in a file, as the W3C vc-jose-cose suite asks for them.

The suite names the key, so who controls it is not looked up, and nothing but the envelope and the data model is judged:
no status, no registry. To judge a credential use `skillcred verify`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from skillcred.adapters.clock import SystemClock
from skillcred.cli.exits import VERDICT_EXITS
from skillcred.cli.files import read_input, write_output
from skillcred.cli.terminal import encode_output_json
from skillcred.cli.vc_jose_keys import MAX_KEY_FILE_BYTES, KeyFile, parse_key_file
from skillcred.cli.vc_jose_paths import parse_disclosure_paths
from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.encoding.strict_json import MAX_BYTES, parse_json_object
from skillcred.errors import InputError
from skillcred.keys.algorithms import InvalidKeyError
from skillcred.keys.public_key import PublicKey
from skillcred.model.conformance import check_conformance
from skillcred.model.datetimes import parse_instant
from skillcred.model.outcomes import Verdict
from skillcred.securing import SecuringError, attach_proof, prepare_proof
from skillcred.securing.cose.errors import CoseUnsupportedError
from skillcred.securing.cose.message import parse_credential_message
from skillcred.securing.cose.sign1 import verify_cose_sign1
from skillcred.securing.envelopes import ASSERTION, AUTHENTICATION, EnvelopeProof, check_envelope_times
from skillcred.securing.jose.envelope import verify_compact_jws
from skillcred.securing.jose.errors import JoseUnsupportedError
from skillcred.securing.jose.token import parse_credential_token
from skillcred.securing.sd_jwt.opening import open_sd_jwt

app = typer.Typer(no_args_is_help=True)

SUITE_CONTEXTS: Final = frozenset(
    {"https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"}
)
"""The second defines every term there can be, by `@vocab`."""
DATA_MODEL_MEMBERS: Final = frozenset(
    {
        "@context",
        "id",
        "type",
        "name",
        "description",
        "issuer",
        "validFrom",
        "validUntil",
        "credentialSubject",
    }
    | {"credentialStatus", "credentialSchema", "evidence", "termsOfUse", "refreshService", "renderMethod"}
    | {"confidenceMethod", "relatedResource", "holder", "verifiableCredential"}
)
"""Members of credentials and presentations that VCDM 2.0 defines itself."""


class Feature(StrEnum):
    """What the suite tries."""

    CREDENTIAL_JOSE = "credential_jose"
    CREDENTIAL_SDJWT = "credential_sdjwt"
    CREDENTIAL_COSE = "credential_cose"
    PRESENTATION_JOSE = "presentation_jose"
    PRESENTATION_SDJWT = "presentation_sdjwt"
    PRESENTATION_COSE = "presentation_cose"

    @property
    def purpose(self) -> str:
        """Of the signature."""
        return ASSERTION if self.startswith("credential") else AUTHENTICATION

    @property
    def mechanism(self) -> str:
        """The securing mechanism."""
        return {"jose": "vc+jwt", "sdjwt": "vc+sd-jwt", "cose": "vc+cose"}[self.rpartition("_")[2]]

    @property
    def media_type(self) -> str:
        """Of what is secured."""
        suffix = self.mechanism.removeprefix("vc")
        return f"application/{'vc' if self.purpose == ASSERTION else 'vp'}{suffix}"


class VcJoseError(InputError):
    """What is asked for cannot be done. Codes: `not_conforming`, `undefined_member`, `key_not_named`,
    `issuer_key_mismatch`, `type_not_allowed`, `unsupported_key_binding`, `not_base64`."""

    default_code = "not_conforming"


@dataclass(frozen=True, slots=True)
class _Opened:
    """An envelope that was read; `check` raises unless a key made its signature."""

    document: JsonObject
    proof: EnvelopeProof
    check: Callable[[PublicKey], None]


Input = Annotated[str, typer.Option("--input", help="The document, or the envelope.", show_default=False)]
Key = Annotated[str, typer.Option("--key", help="A verification method with its JWK.", show_default=False)]
Wanted = Annotated[Feature, typer.Option("--feature", help="Kind of envelope.", show_default=False)]
Output = Annotated[Path, typer.Option("--output", help="Where the result goes.", show_default=False)]
Instant = Annotated[
    str | None,
    typer.Option("--at", help="Act as of this instant (2026-05-01T12:00:00Z), not now.", show_default=False),
]


@app.command()
def issue(
    source: Input,
    key: Key,
    feature: Wanted,
    output: Output,
    sd: Annotated[str, typer.Option("--sd", help='What may be withheld: ["credentialSubject.name"].')] = "[]",
    at: Instant = None,
) -> None:
    """Secure a credential or presentation. Writes {"result", "data"}."""
    instant = _instant(at)
    paths = parse_disclosure_paths(sd)

    def act() -> JsonValue:
        document = parse_json_object(read_input(source, max_bytes=MAX_BYTES))
        return _issue(document, _read_key(key), feature, paths, instant)

    _conclude(output, act)


@app.command()
def verify(source: Input, key: Key, feature: Wanted, output: Output, at: Instant = None) -> None:
    """Verify an envelope with the key given. Writes {"result", "data"}."""
    instant = _instant(at)

    def act() -> JsonValue:
        return _verify(read_input(source, max_bytes=MAX_BYTES), _read_key(key), feature, instant)

    _conclude(output, act)


def _read_key(name: str) -> KeyFile:
    """A file that is not there is a result, too: the suite itself names a key that does not exist (number 34)."""
    return parse_key_file(read_input(name, max_bytes=MAX_KEY_FILE_BYTES))


def _instant(at: str | None) -> datetime:
    return SystemClock().now() if at is None else parse_instant(at)


def _issue(
    document: JsonObject, key: KeyFile, feature: Feature, pointers: list[str], at: datetime
) -> JsonValue:
    document = _trim_envelopes(document)
    _check_document(document)
    _refuse_undefined_members(document)
    options: dict[str, JsonValue] = {"disclosablePointers": [*pointers]} if pointers else {}
    prepared = prepare_proof(
        feature.mechanism,
        document,
        verification_method=key.id,
        algorithm=key.public_key.algorithm,
        created=at,
        purpose=feature.purpose,
        options=options,
    )
    secured = attach_proof(prepared, key.private_key().sign(prepared.to_be_signed))
    if feature.mechanism == "vc+cose":
        return base64.b64encode(secured).decode("ascii")
    return secured.decode("ascii")


def _verify(content: bytes, key: KeyFile, feature: Feature, at: datetime) -> JsonValue:
    opened = _open(content.strip(), feature)
    proof = opened.proof
    if proof.purpose != feature.purpose:
        raise VcJoseError("The envelope holds another kind of document.", code="type_not_allowed")
    if proof.key_id is not None and proof.key_id not in key.names:
        raise VcJoseError("The envelope names another key.", code="key_not_named")
    if feature.purpose == ASSERTION and proof.controller not in (None, key.controller):
        raise VcJoseError("The key is not the issuer's.", code="issuer_key_mismatch")
    check_envelope_times(proof, at)
    opened.check(key.public_key)
    _check_document(_trim_envelopes(opened.document))
    return opened.document


def _open(content: bytes, feature: Feature) -> _Opened:
    if feature.mechanism == "vc+cose":
        read = parse_credential_message(_decode_base64(content), feature.media_type)
        return _Opened(read.document, read.proof, lambda key: verify_cose_sign1(read.message, key))
    if feature.mechanism == "vc+sd-jwt":
        return _open_sd_jwt(content, feature)
    token = parse_credential_token(content, feature.media_type)
    return _Opened(token.document, token.proof, lambda key: verify_compact_jws(token.jws, key))


def _open_sd_jwt(content: bytes, feature: Feature) -> _Opened:
    opened = open_sd_jwt(content)
    if opened.jws.type != feature.media_type:
        raise VcJoseError("The envelope is of another type.", code="type_not_allowed")
    if opened.compact.key_binding is not None:
        raise VcJoseError("The suite has no key binding.", code="unsupported_key_binding")
    proof = EnvelopeProof(
        mechanism=feature.mechanism,
        purpose=opened.profile.purpose,
        key_id=opened.jws.key_id,
        controller=opened.controller,
        algorithms=(),
        created=opened.claims.iat,
        not_before=opened.claims.nbf,
        expires=opened.claims.exp,
    )
    return _Opened(opened.document, proof, lambda key: verify_compact_jws(opened.jws, key))


def _decode_base64(content: bytes) -> bytes:
    """COSE messages are handed over as base64 text, with or without padding."""
    try:
        return base64.b64decode(content + b"=" * (-len(content) % 4), validate=True)
    except binascii.Error as error:
        raise VcJoseError("The message is not base64.", code="not_base64") from error


def _check_document(document: JsonObject) -> None:
    for problem in check_conformance(document):
        raise VcJoseError(problem.message, code=problem.code, pointer=problem.pointer)


def _trim_envelopes(document: JsonObject) -> JsonObject:
    """`document` with the `data:` URLs of enveloped credentials trimmed: one of the suite's ends with a line feed,
    which the URL Standard takes off and we otherwise refuse."""
    held = document.get("verifiableCredential")
    if not isinstance(held, list):
        return document
    trimmed = [_trim_envelope(item) for item in held]
    return {**document, "verifiableCredential": trimmed}


def _trim_envelope(item: JsonValue) -> JsonValue:
    identifier = item.get("id") if isinstance(item, dict) else None
    if isinstance(item, dict) and isinstance(identifier, str) and identifier.startswith("data:"):
        return {**item, "id": identifier.strip()}
    return item


def _refuse_undefined_members(document: JsonObject) -> None:
    """A member that only a catch-all vocabulary defines says nothing to anybody; an issuer should not sign it."""
    contexts = {context for context in as_list(document.get("@context", [])) if isinstance(context, str)}
    if not contexts <= SUITE_CONTEXTS:
        return
    for name in sorted(document.keys() - DATA_MODEL_MEMBERS):
        raise VcJoseError("No vocabulary defines this member.", code="undefined_member", pointer=f"/{name}")


def _conclude(output: Path, act: Callable[[], JsonValue]) -> None:
    verdict, data = _judge(act)
    result = {Verdict.VALID: "success", Verdict.INVALID: "failure", Verdict.INDETERMINATE: "indeterminate"}[
        verdict
    ]
    write_output(output, encode_output_json({"result": result, "data": data}))
    raise typer.Exit(VERDICT_EXITS[verdict])


def _judge(act: Callable[[], JsonValue]) -> tuple[Verdict, JsonValue]:
    try:
        return Verdict.VALID, act()
    except InputError as error:
        return (
            Verdict.INDETERMINATE if _is_open(error) else Verdict.INVALID
        ), f"{error.code}: {error.message}"


def _is_open(error: InputError) -> bool:
    """Whether the error lies in what we do not have."""
    if isinstance(error, JoseUnsupportedError | CoseUnsupportedError):
        return True
    if isinstance(error, InvalidKeyError):
        return error.code == "unsupported_key_type"
    return isinstance(error, SecuringError) and error.code == "unsupported_mechanism"
