"""The mutation oracle (SECURITY D-18, L-20, I8): whatever is done to a signed document, either the verdict is not
`valid` or the claims returned say the same as those that were signed.

Two documents say the same if they are equal up to the order of arrays and to whether a single value stands in one:
that is what the RDF suites sign. Where the document is signed as text (JCS, envelopes), they must be equal.
"""

from __future__ import annotations

import functools
import random
from typing import Any

import pytest

from skillcred.verification import Evidence
from worlds.mutators import MUTATORS
from worlds.secured_forms import FORMS, SecuredForm

SEEDS = 200


@functools.cache
def original(form: SecuredForm) -> tuple[bytes, Evidence, Any]:
    content, evidence = form.make()
    claims = form.claims_if_accepted(content, evidence)
    assert claims is not None, form.name
    return content, evidence, claims


def loosely(value: Any) -> Any:
    """`value` in a form that is equal for all that RDF does not tell apart."""
    if isinstance(value, dict):
        return {name: loosely(item) for name, item in value.items()}
    if isinstance(value, list):
        items = sorted((loosely(item) for item in value), key=repr)
        return items[0] if len(items) == 1 else items
    return value


def test_there_are_forty_mutators() -> None:
    assert len(MUTATORS) >= 40


@pytest.mark.parametrize("name", MUTATORS)
def test_a_mutator_changes_something(name: str) -> None:
    """A mutator that never applies would prove nothing."""
    content, _, _ = original(FORMS[0])
    rng = random.Random(f"try {name}")
    changed = {MUTATORS[name](rng, content) for _ in range(40)} - {None, content}
    assert changed


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_no_mutation_is_accepted_with_other_claims(form: SecuredForm) -> None:
    """The seeds are shared out, so that all forms together try every mutator two hundred times and more."""
    try_seeds(form, -(-SEEDS // len(FORMS)))


def try_seeds(form: SecuredForm, seeds: int) -> None:
    content, evidence, claims = original(form)
    accepted = tried = 0
    for seed in range(seeds):
        for name, mutate in MUTATORS.items():
            rng = random.Random(f"{form.name} {seed} {name}")
            changed = mutate(rng, content)
            if changed is None or changed == content:
                continue
            tried += 1
            found = form.claims_if_accepted(changed, evidence)
            if found is None:
                continue
            accepted += 1
            same = loosely(found) == loosely(claims) if form.signed_as_rdf else found == claims
            assert same, (form.name, seed, name)
    assert accepted < tried / 4, (accepted, tried)  # it would be no oracle if most changes were none


@pytest.mark.nightly
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_no_mutation_is_accepted_with_all_seeds_for_each_form(form: SecuredForm) -> None:
    """Some minutes for each kind of form: 200 seeds × all mutators."""
    try_seeds(form, SEEDS)
