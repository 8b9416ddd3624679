"""The contexts that the conformance suites of the W3C use in their examples, for interoperability tests only.

Those of the examples and of undefined terms give every word a meaning (`@vocab`), which is why no credential of the
product may name them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from skillcred.linkeddata.context_store import BUNDLED_CONTEXTS, ContextList, ContextStore, read_pinned
from skillcred.linkeddata.context_table import DATA_INTEGRITY_V2, ED25519_2020, V1, V2, PinnedContext
from skillcred.linkeddata.tolerance import FOR_EXAMPLES

CREDENTIALS_EXAMPLES_V2: Final = "https://www.w3.org/ns/credentials/examples/v2"
UNDEFINED_TERMS_V2: Final = "https://www.w3.org/ns/credentials/undefined-terms/v2"
"""VCDM 2.0 section 5.2: the last one in a list."""
VDL_V1: Final = "https://w3id.org/vdl/v1"

_FOLDER: Final = Path(__file__).resolve().parent / "contexts_of_examples"
INTEROP_PINS: Final = (
    PinnedContext(
        CREDENTIALS_EXAMPLES_V2,
        "credentials-examples-v2.jsonld",
        "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c",
        "w3c/vc-data-model 979c4af1",
        "W3C Software and Document License",
    ),
    PinnedContext(
        UNDEFINED_TERMS_V2,
        "credentials-undefined-terms-v2.jsonld",
        "82dab514ba44eb18f5d1b0f638c5e140c6a556fbfb5089601bdc0fa5eb8b2581",
        "w3c/vc-data-model 979c4af1",
        "W3C Software and Document License",
    ),
    PinnedContext(
        VDL_V1,
        "vdl-v1.jsonld",
        "5e61aa138bc6a1bf92299edd01408df52f20c24057b9dbea72ccaeef5b792010",
        "npm @digitalbazaar/vdl-context 1.0.0",
        "BSD-3-Clause",
    ),
)


def load_interop_contexts(folder: Path = _FOLDER) -> ContextStore:
    """The bundled contexts and those of the examples, for documents like these. Raises as `load_bundled_contexts`."""
    contents = {pin.url: read_pinned(folder / pin.file, pin.sha256) for pin in INTEROP_PINS}
    return BUNDLED_CONTEXTS.extended(contents, _allowed_lists()).tolerating(FOR_EXAMPLES)


def _allowed_lists() -> Iterator[ContextList]:
    for urls in ((V2, CREDENTIALS_EXAMPLES_V2), (V2, VDL_V1), (V1, VDL_V1)):
        yield from (urls, (*urls, DATA_INTEGRITY_V2), (*urls, ED25519_2020))
    yield (V2, UNDEFINED_TERMS_V2)
    for url in (CREDENTIALS_EXAMPLES_V2, VDL_V1, DATA_INTEGRITY_V2):
        yield (V2, url, UNDEFINED_TERMS_V2)


INTEROP_CONTEXTS: Final = load_interop_contexts()
"""Read once when the package is imported, like the bundled ones."""
