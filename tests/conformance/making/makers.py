"""All cases, in the order of SECURITY."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.making import (
    certificates,
    cose,
    data_integrity,
    disclosure,
    jose,
    key_binding,
    keys,
    linked_data,
    positives,
    presenting,
    sd_jwt,
    status,
)
from conformance.making.case import Case, Positive


def all_cases() -> Iterator[Case | Positive]:
    yield from positives.cases()
    for form in (status, sd_jwt, key_binding, disclosure, certificates):
        yield from form.positives()
    for maker in (
        jose,
        certificates,
        cose,
        linked_data,
        data_integrity,
        presenting,
        keys,
        status,
        sd_jwt,
        key_binding,
        disclosure,
    ):
        yield from maker.cases()
