"""Credentials in pictures: every way in which a picture is wrong, and that what is put in comes out (W-03 to W-09)."""

from __future__ import annotations

import json
import struct
import time
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.encoding.png import SIGNATURE
from skillcred.errors import InputError
from skillcred.model.baked_badges import (
    KEYWORD,
    NAMESPACE,
    bake_credential,
    extract_credential,
    parse_baked_badge,
)
from skillcred.model.documents import Form
from skillcred.model.outcomes import Verdict
from skillcred.verification import verify
from worlds.pure_world import NOW, PureWorld

CREDENTIAL = json.dumps(
    {"type": ["VerifiableCredential"], "name": "Zoë ]]> <&> \u202e"}, ensure_ascii=False
).encode()
TOKEN = b"eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.c2lnbmF0dXJl"


def chunk(kind: bytes, data: bytes = b"", checksum: int | None = None) -> bytes:
    found = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", found)


def header(width: int = 1, height: int = 1) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


PIXELS = chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
END = chunk(b"IEND")


def text_chunk(
    text: bytes, flags: bytes = b"\0\0", *, keyword: str = KEYWORD, kind: bytes = b"iTXt"
) -> bytes:
    return chunk(kind, keyword.encode() + b"\0" + flags + b"\0\0" + text)


def png(*chunks: bytes) -> bytes:
    return b"".join((SIGNATURE, header(), *chunks, PIXELS, END))


def svg(inside: str, before: str = "", attributes: str = f' xmlns:openbadges="{NAMESPACE}"') -> bytes:
    return (
        f'{before}<svg xmlns="http://www.w3.org/2000/svg"{attributes}>{inside}<path d="M0 0"/></svg>'.encode()
    )


def element(text: str = "", attributes: str = "") -> str:
    return f"<openbadges:credential{attributes}>{text}</openbadges:credential>"


PLAIN_SVG = svg("", attributes="")
ATTACKS = "<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"


def refusal(image: bytes) -> str:
    with pytest.raises(InputError) as refused:
        parse_baked_badge(image)
    return refused.value.code


# what comes out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (png(text_chunk(CREDENTIAL)), CREDENTIAL),
        (png(text_chunk(zlib.compress(CREDENTIAL), b"\1\0")), CREDENTIAL),
        (png(chunk(b"tEXt", b"Author\0me"), text_chunk(TOKEN)), TOKEN),
        (svg(element(f"<![CDATA[{CREDENTIAL.decode().replace(']]>', ']]]]><![CDATA[>')}]]>")), CREDENTIAL),
        (svg(element(attributes=f' verify="{TOKEN.decode()}"')), TOKEN),
        (svg(f'<c:credential xmlns:c="{NAMESPACE}" verify="{TOKEN.decode()}"/>', attributes=""), TOKEN),
    ],
)
def test_a_credential_is_taken_out(image: bytes, expected: bytes) -> None:
    assert extract_credential(image) == expected
    assert parse_baked_badge(image).content == expected


@pytest.mark.parametrize("blank", [png(), PLAIN_SVG, b"<?xml version='1.0'?>\n<!-- x -->" + PLAIN_SVG])
@pytest.mark.parametrize(
    "credential", [CREDENTIAL, TOKEN, TOKEN + b"\r\n", CREDENTIAL.replace(b", ", b",\r\n")]
)
def test_what_is_baked_comes_out_again(blank: bytes, credential: bytes) -> None:
    baked = bake_credential(credential, blank)
    found = parse_baked_badge(baked)
    assert found.form is (Form.JWT if credential.startswith(b"ey") else Form.JSON)
    assert found.document == ({} if found.form is Form.JWT else json.loads(credential))
    with pytest.raises(InputError) as refused:
        bake_credential(credential, baked)
    assert refused.value.code == "several_credentials_in_image"


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30), st.booleans())
def test_any_text_survives_or_is_refused(text: str, in_svg: bool) -> None:
    """XML has no U+0000 to U+001F, U+FFFE or U+FFFF; whatever it would change is not written."""
    credential = json.dumps({"name": text}, ensure_ascii=False).encode()
    try:
        baked = bake_credential(credential, PLAIN_SVG if in_svg else png())
    except InputError:
        assert in_svg
        assert not text.isprintable()
        return
    assert parse_baked_badge(baked).document == {"name": text}


def test_the_other_parts_of_a_picture_stay_as_they_are() -> None:
    image = png(chunk(b"tEXt", b"Author\0me"))
    baked = bake_credential(TOKEN, image)
    assert baked.startswith(image.removesuffix(END))
    assert baked.endswith(END)
    drawn = b"<svg xmlns='http://www.w3.org/2000/svg'  width='1'><g>&lt;</g></svg>\n"
    written = bake_credential(TOKEN, drawn)
    assert written.endswith(b"><g>&lt;</g></svg>\n")
    assert f'xmlns:openbadges="{NAMESPACE}"'.encode() in written
    assert (
        written.count(b"xmlns:openbadges") == bake_credential(TOKEN, svg("")).count(b"xmlns:openbadges") == 1
    )


ROOT = "xmlns='http://www.w3.org/2000/svg'"


@pytest.mark.parametrize(
    "drawn",
    [
        f"\ufeff<svg {ROOT}>text</svg>",
        "<s:svg xmlns:s='http://www.w3.org/2000/svg'\n a='>/>' ><s:g/></s:svg>",
        f"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/x.dtd'>\n<svg {ROOT}><!-- c --></svg>",
        f"<svg {ROOT}></svg>",
        f"<svg {ROOT}><?pi x?></svg>",
        f"<svg {ROOT}><![CDATA[x]]></svg>",
    ],
)
def test_every_way_to_begin_a_drawing(drawn: str) -> None:
    image = drawn.encode()
    baked = bake_credential(TOKEN, image)
    assert extract_credential(baked) == TOKEN
    written = f'<openbadges:credential verify="{TOKEN.decode()}"></openbadges:credential>'.encode()
    assert baked.replace(written, b"").replace(f' xmlns:openbadges="{NAMESPACE}"'.encode(), b"") == image


@pytest.mark.parametrize(
    "drawn", [f"<svg {ROOT}/>", f"<svg {ROOT} xmlns:openbadges='http://openbadges.org'>x</svg>"]
)
def test_drawings_without_room(drawn: str) -> None:
    with pytest.raises(InputError) as refused:
        bake_credential(TOKEN, drawn.encode())
    assert refused.value.code == "svg_without_room"


def test_a_baked_credential_is_valid_and_says_what_was_not_checked() -> None:
    world = PureWorld()
    signed = world.credential()
    for blank in (png(), PLAIN_SVG):
        badge = bake_credential(signed, blank)
        report = verify(badge, evidence=world.evidence(), at=NOW)
        assert report.verdict is Verdict.VALID
        assert "picture_not_checked" in [warning.code for warning in report.warnings]
        assert report.claims == verify(signed, evidence=world.evidence(), at=NOW).claims


# what does not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (png(), "no_credential_in_image"),
        (png(text_chunk(b"  ")), "no_credential_in_image"),
        (png(text_chunk(CREDENTIAL, keyword="openbadges")), "no_credential_in_image"),
        (png(text_chunk(CREDENTIAL), text_chunk(CREDENTIAL)), "several_credentials_in_image"),
        (png(chunk(b"tEXt", KEYWORD.encode() + b"\0" + TOKEN)), "unknown_form"),
        (png(text_chunk(CREDENTIAL), chunk(b"zTXt", KEYWORD.encode() + b"\0\0x")), "unknown_form"),
        (png(text_chunk(CREDENTIAL, b"\2\0")), "malformed_png"),
        (png(text_chunk(CREDENTIAL, b"\1\1")), "malformed_png"),
        (png(chunk(b"iTXt", KEYWORD.encode() + b"\0\0\0")), "malformed_png"),
        (png(text_chunk(CREDENTIAL, b"\1\0")), "invalid_compression"),
        (png(text_chunk(zlib.compress(CREDENTIAL) + b"more", b"\1\0")), "invalid_compression"),
        (png(text_chunk(b"\xff{}")), "not_utf8"),
        (png(text_chunk(b'{"a":1,"a":2}')), "duplicate_member"),
        (png(text_chunk(CREDENTIAL)) + b"PK\3\4", "malformed_png"),
        (png(text_chunk(CREDENTIAL))[:-1], "malformed_png"),
        (png(text_chunk(CREDENTIAL)).removesuffix(END), "malformed_png"),
        (SIGNATURE + PIXELS + text_chunk(CREDENTIAL) + END, "malformed_png"),
        (png(text_chunk(CREDENTIAL), header()), "malformed_png"),
        (png(chunk(b"iTXt", KEYWORD.encode() + b"\0\0\0\0\0" + CREDENTIAL, checksum=1)), "malformed_png"),
        (png(chunk(b"\0\0\0\0")), "malformed_png"),
        (SIGNATURE + struct.pack(">I4s", 0xFFFFFFFF, b"IHDR") + bytes(30), "malformed_png"),
        (SIGNATURE, "malformed_png"),
        (b"\x89PNG", "media_type_mismatch"),
        (b"", "media_type_mismatch"),
        (png(text_chunk(b"a" * 10 + b"~" * 5)), "json_syntax"),
    ],
)  # fmt: skip
def test_png_that_are_refused(image: bytes, code: str) -> None:
    assert refusal(image) == code


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (PLAIN_SVG, "no_credential_in_image"),
        (svg(element()), "no_credential_in_image"),
        (svg(element("{}") + element("{}")), "several_credentials_in_image"),
        (svg(element("{}", ' verify="a.b.c"')), "several_credentials_in_image"),
        (svg(element("<b>{}</b>")), "svg_element_out_of_place"),
        (svg(f"<g>{element('{}')}</g>"), "svg_element_out_of_place"),
        (svg('<x:credential xmlns:x="http://openbadges.org">{}</x:credential>'), "no_credential_in_image"),
        (svg(element("&lt;script&gt;")), "json_syntax"),
        (svg(element("&amp;a;{}")), "json_syntax"),
        (svg(element("&x;{}")), "malformed_svg"),
        (svg(element("{}"), f"<!DOCTYPE svg [{ATTACKS}]>"), "svg_declarations"),
        (svg(element("&b;"), f"<!DOCTYPE svg SYSTEM 'a' [{ATTACKS}]>"), "svg_declarations"),
        (svg(element("&x;"), "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"), "svg_declarations"),
        (svg(element("&x;"), "<!DOCTYPE svg SYSTEM 'http://127.0.0.1/x.dtd'>"), "svg_declarations"),
        (svg(element("{}"), "<!DOCTYPE svg [<!ENTITY % p SYSTEM 'http://127.0.0.1/'> %p;]>"), "svg_declarations"),
        (svg(element("{}"), "<!DOCTYPE svg [<!ATTLIST svg a CDATA 'x'>]>"), "svg_declarations"),
        (svg(element("{}"), "<!DOCTYPE svg [ ]>"), "svg_declarations"),
        (svg(element("{}"), "<!-- <!DOCTYPE a> --><!DOCTYPE svg [ ]>"), "svg_declarations"),
        (svg("<g>" * 300 + "</g>" * 300), "svg_too_large"),
        (svg("<g/>" * 60_000), "svg_too_large"),
        (svg(element("{}"))[:-1], "malformed_svg"),
        (svg(element("{}")) + b"{}", "malformed_svg"),
        (svg(element("\u0001")), "malformed_svg"),
        (svg(element("é"), "<?xml version='1.0' encoding='latin-1'?>").decode().encode("latin-1"), "malformed_svg"),
        (svg(element("{}")).decode().encode("utf-16"), "media_type_mismatch"),
        (b"<html><body>{}</body></html>", "malformed_svg"),
        (b"<svg>" + element("{}").encode() + b"</svg>", "malformed_svg"),
        (b"<", "malformed_svg"),
    ],
)  # fmt: skip
def test_svg_that_are_refused(image: bytes, code: str) -> None:
    assert refusal(image) == code


# what costs nothing -----------------------------------------------------------------------------------------------

MIB = 1024 * 1024


def cost_of(image: bytes) -> tuple[str, float, int]:
    """The code of the refusal, the seconds it took, and the most bytes that were held beyond the picture."""
    tracemalloc.start()
    try:
        begin = time.thread_time()
        code = refusal(image)
        return code, time.thread_time() - begin, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (png(text_chunk(zlib.compress(bytes(256 * MIB), 9), b"\1\0")), "decompressed_too_large"),
        (png(*[chunk(b"tEXt")] * 50_000), "malformed_png"),
        (b"<!DOCTYPE" * 100_000, "svg_declarations"),
        (b"<!DOCTYPE svg " + b" " * MIB, "image_too_large"),
        (svg("<g>" * 200_000), "svg_too_large"),
        (
            svg(f"<g {' '.join(f'a{number}=' + chr(34) * 2 for number in range(60_000))}/>"),
            "no_credential_in_image",
        ),
        (svg(element("x" * 900_000)), "json_syntax"),
        (PLAIN_SVG + b" " * MIB, "image_too_large"),
    ],
    ids=["bomb", "chunks", "types", "large type", "depth", "attributes", "long text", "large"],
)
def test_pictures_that_are_meant_to_hurt(image: bytes, code: str) -> None:
    found, seconds, held = cost_of(image)
    assert found == code
    assert seconds < 5
    assert held < 32 * MIB


def test_a_flood_of_pixels_is_never_drawn() -> None:
    """SECURITY W-07: sizes in the header are not acted on, because nothing here draws a picture."""
    image = b"".join(
        (SIGNATURE, header(50_000, 50_000), chunk(b"acTL", bytes(8)), text_chunk(TOKEN), PIXELS, END)
    )
    begin = time.thread_time()
    assert extract_credential(image) == TOKEN
    assert time.thread_time() - begin < 1


def test_what_else_is_in_a_picture_is_not_kept() -> None:
    """A place in EXIF data, a comment: none of it is in a report."""
    world = PureWorld()
    secret = b"51.5N 0.1W"
    badge = bake_credential(
        world.credential(), png(chunk(b"eXIf", secret), chunk(b"tEXt", b"Comment\0" + secret))
    )
    report: Any = verify(badge, evidence=world.evidence(), at=NOW)
    assert report.verdict is Verdict.VALID
    assert "51.5N" not in repr(report)


# whatever is changed ----------------------------------------------------------------------------------------------

WORLD = PureWorld()
SIGNED = WORLD.credential()
BADGES = {kind: bake_credential(SIGNED, blank) for kind, blank in (("png", png()), ("svg", PLAIN_SVG))}
CLAIMS = json.loads(SIGNED)
del CLAIMS["proof"]


@pytest.mark.parametrize("kind", BADGES)
@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_changed_picture_never_says_anything_else(kind: str, data: st.DataObject) -> None:
    """Bytes replaced, put in or taken out anywhere: no fault, and valid only with the claims that were signed."""
    badge = bytearray(BADGES[kind])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(badge) - 1))
        badge[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    for media_type in ("application/json", "image/png", "image/svg+xml"):
        report = verify(bytes(badge), evidence=WORLD.evidence(), at=NOW, media_type=media_type)
        if report.verdict is Verdict.VALID:
            assert report.claims is not None
            assert {name: value for name, value in report.claims.items() if name != "proof"} == CLAIMS


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([SIGNATURE, b"<", b"<svg", b"<?xml ", b"<!DOCTYPE "]), st.binary(max_size=200))
def test_no_bytes_are_a_fault(beginning: bytes, rest: bytes) -> None:
    report = verify(beginning + rest, evidence=WORLD.evidence(), at=NOW, media_type="application/json")
    assert report.verdict is Verdict.INVALID
    assert report.reason in ("not_readable", "no_credential_in_image")
