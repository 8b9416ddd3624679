"""The step `parse`: from bytes to a secured document, and whether it is a credential or a presentation.

What is read here is unverified: it decides which checks run, and the checks look again at what was signed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from skillcred.encoding.base64url import decode_base64url
from skillcred.encoding.cbor import Tagged, decode_cbor
from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.baked_badges import (
    IMAGE_BEGINNINGS,
    IMAGE_MEDIA_TYPES,
    parse_baked_badge,
    peek_image_type,
)
from skillcred.model.conformance import ENVELOPED_PRESENTATION
from skillcred.model.documents import (
    FORM_OF_MEDIA_TYPE,
    DocumentFormError,
    Form,
    SecuredDocument,
    parse_secured_document,
)
from skillcred.model.enveloped import ENVELOPES, unwrap_enveloped
from skillcred.model.findings import types_of
from skillcred.model.outcomes import PARSING_ERROR, Outcome, Problem, Step, StepResult

_PRESENTATION: Final = "VerifiablePresentation"
_CREDENTIAL: Final = "VerifiableCredential"
_COSE_SIGN1: Final = 18
"""The tag of a COSE_Sign1 message (RFC 9052 section 2)."""
PICTURE_NOT_CHECKED: Final = Problem(
    "picture_not_checked", "The picture was not checked, only the credential inside it."
)
"""What a reader has to know of a badge whose credential was taken out of its picture (SECURITY W-05)."""
_WELL_FORMED: Final = StepResult(Step.PARSE, Outcome.PASSED, "well_formed")
_WELL_FORMED_IN_PICTURE: Final = _WELL_FORMED._replace(warnings=(PICTURE_NOT_CHECKED,))


class Subject(StrEnum):
    """What a verification is about."""

    CREDENTIAL = "credential"
    PRESENTATION = "presentation"


def parse_subject(
    content: bytes, media_type: str, wanted: Subject, *, answering: bool = False
) -> tuple[SecuredDocument | None, StepResult]:
    """The secured document in `content`, taken out of its wrapper where it is enveloped, if it may be what is wanted.

    For an envelope that shows after its verification only; for JSON it is told by the type. A credential in an SD-JWT
    becomes a presentation by its key binding (RFC 9901 section 4.3); one without is none, and where it should be
    `answering` a question that is a fault of its proof. A badge's picture is taken off first.
    """
    baked = _is_image(content, media_type)
    try:
        secured = _open(content, media_type, baked=baked)
        types = types_of(secured.document)
        enveloped = not ENVELOPES.isdisjoint(types)  # only JSON has types before it is verified
        if enveloped:
            secured = unwrap_enveloped(secured.document)
    except InputError as error:
        problem = Problem(error.code, error.message, error.pointer, PARSING_ERROR)
        code = error.code if error.code == "no_credential_in_image" else "not_readable"
        return None, StepResult(Step.PARSE, Outcome.FAILED, code, (problem,))
    if enveloped:
        found = Subject.PRESENTATION if ENVELOPED_PRESENTATION in types else Subject.CREDENTIAL
    elif secured.form is not Form.JSON:
        bare = wanted is Subject.PRESENTATION and not answering and is_bare_sd_jwt(secured)
        found = Subject.CREDENTIAL if bare else wanted
    elif _PRESENTATION in types:
        found = Subject.PRESENTATION
    elif _CREDENTIAL in types:
        found = Subject.CREDENTIAL
    else:
        return None, _type_missing(wanted)
    if found is not wanted:
        return None, _other_subject(wanted)
    return secured, _WELL_FORMED_IN_PICTURE if baked else _WELL_FORMED


def peek_subject(content: bytes, media_type: str) -> Subject:
    """Which of the two an upload seems to be, from what nobody has verified. Never raises."""
    try:
        secured = _open(content, media_type, baked=_is_image(content, media_type))
        types = types_of(secured.document)
        if not ENVELOPES.isdisjoint(types):
            return Subject.PRESENTATION if ENVELOPED_PRESENTATION in types else Subject.CREDENTIAL
        presented = _PRESENTATION in types or _is_presented_envelope(secured)
    except InputError:
        return Subject.CREDENTIAL
    return Subject.PRESENTATION if presented else Subject.CREDENTIAL


def is_presented_sd_jwt(secured: SecuredDocument) -> bool:
    """Whether `secured` is an SD-JWT that is no presentation of VCDM, so that it can only be presented by itself. From
    *unverified* data; what is of no type at all is among them, and is refused when it is verified."""
    return secured.form is Form.SD_JWT and not _says_presentation(secured)


def is_bare_sd_jwt(secured: SecuredDocument) -> bool:
    """Whether `secured` is a credential in an SD-JWT without a key binding."""
    return is_presented_sd_jwt(secured) and secured.content.endswith(b"~")


def _says_presentation(secured: SecuredDocument) -> bool:
    try:
        return _is_presented_envelope(secured)
    except InputError:
        return False


def _is_image(content: bytes, media_type: str) -> bool:
    """By the media type; one that leaves the form of the document to its bytes leaves this to them, too."""
    if media_type in IMAGE_MEDIA_TYPES:
        return True
    return media_type not in FORM_OF_MEDIA_TYPE and content.startswith(IMAGE_BEGINNINGS)


def _open(content: bytes, media_type: str, *, baked: bool) -> SecuredDocument:
    """The secured document in `content`, out of its picture if it is `baked` into one. Raises `InputError`."""
    if not baked:
        return parse_secured_document(content, media_type)
    if media_type in IMAGE_MEDIA_TYPES and peek_image_type(content) != media_type:
        raise DocumentFormError("The file is not what its media type says.", code="media_type_mismatch")
    return parse_baked_badge(content)


def _is_presented_envelope(secured: SecuredDocument) -> bool:
    """VC JOSE COSE sections 3.1 to 3.3: `typ` tells presentations apart; older JWTs have a claim `vp`."""
    if secured.media_type.startswith("application/vp+"):
        return True
    if secured.form is Form.COSE:
        return _peek_cose_type(secured.content).startswith("application/vp")
    if secured.form is Form.JSON:
        return False
    header, payload = secured.content.decode("ascii").split(".")[:2]
    kind = _peek_part(header).get("typ")
    return (isinstance(kind, str) and kind.startswith("vp+")) or "vp" in _peek_part(payload)


def _peek_part(part: str) -> JsonObject:
    return parse_json_object(decode_base64url(part))


def _peek_cose_type(content: bytes) -> str:
    """The content type of a COSE_Sign1 message: `typ` (RFC 9596), else `content type` (RFC 9052 section 3.1)."""
    message = decode_cbor(content, tags=(_COSE_SIGN1,))
    parts = message.value if isinstance(message, Tagged) else message
    protected = parts[0] if isinstance(parts, list) and parts else b""
    header = decode_cbor(protected) if isinstance(protected, bytes) and protected else {}
    found = header.get(16, header.get(3)) if isinstance(header, dict) else None
    return found if isinstance(found, str) else ""


def _type_missing(wanted: Subject) -> StepResult:
    name, code = {
        Subject.CREDENTIAL: (_CREDENTIAL, "not_a_credential"),
        Subject.PRESENTATION: (_PRESENTATION, "not_a_presentation"),
    }[wanted]
    problem = Problem("type_missing", f"`type` must hold {name}.", "/type", PARSING_ERROR)
    return StepResult(Step.PARSE, Outcome.FAILED, code, (problem,))


def _other_subject(wanted: Subject) -> StepResult:
    if wanted is Subject.CREDENTIAL:
        return StepResult(Step.PARSE, Outcome.INDETERMINATE, "presentation_instead")
    return StepResult(Step.PARSE, Outcome.INDETERMINATE, "credential_instead")
