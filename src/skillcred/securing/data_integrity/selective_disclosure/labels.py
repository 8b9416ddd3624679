"""New labels for blank nodes (ECDSA Cryptosuites 1.0, sections 3.4.3 and 3.4.4).

A canonical label tells the place of its node among all nodes of the document, and with it something about what is
not shown. So statements are signed with other labels. The specification's factories map the labels before
canonicalisation; ours map the canonical ones, which comes to the same with one map less.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from skillcred.encoding.multibase import encode_multibase

LabelMapFactory: TypeAlias = Callable[[Collection[str]], Mapping[str, str]]
"""Canonical labels (`c14n0`, `c14n1`, …) → new label of each; all without `_:`."""


def hmac_label(hmac_key: bytes, canonical_label: str) -> str:
    """The label for one blank node: `u` and the base64url of its HMAC-SHA256 (section 3.4.4)."""
    return encode_multibase(hmac.digest(hmac_key, canonical_label.encode("ascii"), "sha256"), header="u")


def hmac_label_map(hmac_key: bytes) -> LabelMapFactory:
    """Section 3.4.4, createHmacIdLabelMapFunction."""

    def factory(canonical_labels: Collection[str]) -> Mapping[str, str]:
        return {label: hmac_label(hmac_key, label) for label in canonical_labels}

    return factory


def known_label_map(labels: Mapping[str, str]) -> LabelMapFactory:
    """Section 3.4.3, createLabelMapFunction: the labels are known. The factory raises `KeyError` for a label
    that is not among them; callers that have `labels` from outside compare its keys first."""

    def factory(canonical_labels: Collection[str]) -> Mapping[str, str]:
        return {label: labels[label] for label in canonical_labels}

    return factory
