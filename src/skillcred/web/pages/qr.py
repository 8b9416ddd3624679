"""Pictures of links, for cameras: QR codes as SVG inside the page, so that nothing has to be loaded."""

from __future__ import annotations

import io
from typing import Final

import segno
from markupsafe import Markup

BORDER_MODULES: Final = 4
"""Quiet zone, in modules (ISO/IEC 18004 section 6.3.8)."""


def build_qr(link: str) -> Markup:
    """`link` as an SVG element. It is black on white whatever the colours of the page are, and hidden from screen
    readers: the link stands beside it."""
    content = io.BytesIO()
    code = segno.make_qr(link, error="m")
    code.save(
        content,
        kind="svg",
        xmldecl=False,
        svgns=True,
        border=BORDER_MODULES,
        dark="#000",
        light="#fff",
        omitsize=True,
        svgclass="qr",
        lineclass=None,
    )
    return Markup(content.getvalue().decode("utf-8").replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S704
