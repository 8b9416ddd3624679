"""Badges whose credential is baked into their picture (Open Badges 3.0, sections on PNG and SVG).

PNG: an iTXt chunk with the keyword `openbadgecredential`. SVG: an element `credential` of the namespace of Open Badges,
with the token in its attribute `verify`, or the JSON as its text. The picture around it is covered by no signature: it
is taken off, and what is verified, shown and decided on is the credential alone (SECURITY W-03, W-07, W-09).
"""

from __future__ import annotations

from typing import Final

from skillcred.encoding.png import (
    INTERNATIONAL_TEXT,
    SIGNATURE,
    TEXT_CHUNKS,
    decode_international_text,
    insert_international_text,
    read_chunks,
)
from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.encoding.svg import insert_element, read_svg
from skillcred.errors import InputError
from skillcred.model.documents import Form, SecuredDocument, parse_secured_document

PNG_MEDIA_TYPE: Final = "image/png"
SVG_MEDIA_TYPE: Final = "image/svg+xml"
IMAGE_MEDIA_TYPES: Final = (PNG_MEDIA_TYPE, SVG_MEDIA_TYPE)
MAX_IMAGE_BYTES: Final = MAX_BYTES
"""Largest picture that is looked into, in bytes; as for any other upload."""
KEYWORD: Final = "openbadgecredential"
NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"
ELEMENT: Final = "credential"
PREFIX: Final = "openbadges"
TOKEN_ATTRIBUTE: Final = "verify"  # noqa: S105 - the name of an attribute
_SVG_BEGINNINGS: Final = (b"<", b"\xef\xbb\xbf<")
IMAGE_BEGINNINGS: Final = (SIGNATURE, *_SVG_BEGINNINGS)
"""What a picture begins with, in which a credential may be; no secured document begins like that."""
_BAKED_FORMS: Final = (Form.JSON, Form.JWT)


class BakedBadgeError(InputError):
    """The picture holds no credential, or more than one. Codes: `no_credential_in_image`,
    `several_credentials_in_image`, `unknown_form`, `media_type_mismatch`, `image_too_large`."""

    default_code = "no_credential_in_image"


def peek_image_type(content: bytes) -> str | None:
    """The media type of the picture that `content` begins like, `None` for anything else."""
    if content.startswith(SIGNATURE):
        return PNG_MEDIA_TYPE
    return SVG_MEDIA_TYPE if content.startswith(_SVG_BEGINNINGS) else None


def extract_credential(image: bytes) -> bytes:
    """The credential in `image`, PNG or SVG, as it was put there.

    Raises `BakedBadgeError`, `PngError`, `SvgError`, `CompressionError`, `CompressionLimitError`.
    """
    if len(image) > MAX_IMAGE_BYTES:
        raise BakedBadgeError(f"The picture is larger than {MAX_IMAGE_BYTES} bytes.", code="image_too_large")
    media_type = peek_image_type(image)
    if media_type is None:
        raise BakedBadgeError("The file is not what its media type says.", code="media_type_mismatch")
    found = _in_png(image) if media_type == PNG_MEDIA_TYPE else _in_svg(image)
    if len(found) > 1:
        raise BakedBadgeError(
            "The picture has several credentials in it.", code="several_credentials_in_image"
        )
    if not found or not found[0].strip():
        raise BakedBadgeError("The picture has no credential in it.")
    return found[0]


def parse_baked_badge(image: bytes) -> SecuredDocument:
    """The secured document in `image`: JSON with an embedded proof, or a JWT.

    Raises as `extract_credential` and `parse_secured_document`.
    """
    secured = parse_secured_document(extract_credential(image))
    if secured.form not in _BAKED_FORMS:
        raise BakedBadgeError("The credential in the picture is in another form.", code="unknown_form")
    return secured


def bake_credential(credential: bytes, image: bytes) -> bytes:
    """`image`, PNG or SVG without a credential, with `credential` in it. Its signature is not checked.

    Raises `BakedBadgeError` (`several_credentials_in_image` if there is one already) and as `parse_baked_badge`.
    """
    secured = parse_secured_document(credential)
    try:
        extract_credential(image)
    except BakedBadgeError as error:
        if error.code != BakedBadgeError.default_code:
            raise
    else:
        raise BakedBadgeError("There is a credential in it already.", code="several_credentials_in_image")
    if peek_image_type(image) == PNG_MEDIA_TYPE:
        baked = insert_international_text(image, KEYWORD, secured.content)
    else:
        file = read_svg(image, NAMESPACE, ELEMENT)
        baked = insert_element(image, file, PREFIX, NAMESPACE, _element(secured))
    again = parse_baked_badge(baked)
    if (again.form, again.document) != (secured.form, secured.document) or (
        secured.form is Form.JWT and again.content != secured.content
    ):
        raise BakedBadgeError("The credential cannot be written into such a picture.", code="unknown_form")
    return baked


def _in_png(image: bytes) -> list[bytes]:
    """The texts of that name. In another kind of text chunk the name is out of place."""
    named = [
        chunk
        for chunk in read_chunks(image)
        if chunk.type in TEXT_CHUNKS and chunk.keyword == KEYWORD.encode("ascii")
    ]
    if any(chunk.type != INTERNATIONAL_TEXT for chunk in named):
        raise BakedBadgeError("The credential is in a chunk of another type.", code="unknown_form")
    if len(named) > 1:  # not one of them is looked into
        return [chunk.data for chunk in named]
    return [decode_international_text(chunk, max_bytes=MAX_BYTES) for chunk in named]


def _in_svg(image: bytes) -> list[bytes]:
    """The tokens and the texts of the elements; one that has both has two credentials."""
    found = []
    for element in read_svg(image, NAMESPACE, ELEMENT).elements:
        given = (element.attributes.get(TOKEN_ATTRIBUTE, ""), element.text)
        found += [text.encode("utf-8") for text in given if text.strip()] or [b""]
    return found


def _element(secured: SecuredDocument) -> bytes:
    tag = f"{PREFIX}:{ELEMENT}".encode("ascii")
    if secured.form is Form.JWT:
        return b'<%s %s="%s"></%s>' % (tag, TOKEN_ATTRIBUTE.encode("ascii"), secured.content, tag)
    text = secured.content.replace(b"]]>", b"]]]]><![CDATA[>")
    return b"<%s><![CDATA[%s]]></%s>" % (tag, text, tag)
