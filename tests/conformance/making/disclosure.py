"""Section 10 (X): derived proofs of `ecdsa-sd-2023` and `bbs-2023`. They are random, so that each case is made once."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

from conformance.making import documents as d
from conformance.making.case import Case, Positive, fail, malformed
from conformance.making.positives import ASKED
from skillcred.encoding.base64url import encode_base64url
from skillcred.keys.algorithms import Algorithm
from skillcred.securing import derive_credential
from worlds.disclosure_world import components_of, derive, issue, with_components
from worlds.pure_world import SoftSigner

CHOSEN = ("/credentialSubject/name",)
VALUE = "/proof/proofValue"
KINDS = {"ecdsa-sd": Algorithm.P256, "bbs": Algorithm.BLS12381G2}
Change = Callable[[Any], Any]


def signer(kind: str) -> SoftSigner:
    return SoftSigner(2, KINDS[kind])


def unsigned(kind: str, **members: Any) -> dict[str, Any]:
    limits = {"validUntil": "2030-01-01T00:00:00Z", "issuer": d.profile(signer(kind).did)}
    return d.unsigned(**limits, **members)


@functools.cache
def base(kind: str, subject: str = d.HOLDER.did) -> bytes:
    document = unsigned(kind)
    document["credentialSubject"]["id"] = subject
    return issue(document, signer=signer(kind))


@functools.cache
def shown(kind: str) -> str:
    """What the holder shows, as text, so that it cannot be changed by accident."""
    return json.dumps(derive(base(kind), *CHOSEN))


def derived(kind: str) -> dict[str, Any]:
    return dict(json.loads(shown(kind)))


def request(kind: str) -> dict[str, Any]:
    return {"provider": KINDS[kind].value}


def positives() -> Iterator[Positive]:
    for kind in KINDS:
        yield Positive(
            f"valid_{kind.replace('-', '_')}",
            f"What the holder shows of a qualification with a base proof of `{kind}-2023`.",
            d.text(derived(kind)),
            "json",
            request(kind),
        )


def put(index: int, change: Change) -> Change:
    return lambda components: [
        change(item) if place == index else item for place, item in enumerate(components)
    ]


def values(kind: str, changes: dict[str, Change]) -> dict[str, bytes]:
    """The derived document with one component of its proof value changed, by variant."""
    return {name: d.text(with_components(derived(kind), change)) for name, change in changes.items()}


def first_twice(labels: Any) -> Any:
    return dict.fromkeys(labels, next(iter(labels.values())))


def case(kind: str, name: str, text: str, inputs: Any, expected: Any) -> Case:
    row, _, rest = name.partition("_")
    return fail(
        f"{row}_{kind.replace('-', '_')}_{rest}",
        text,
        inputs,
        expected,
        positive=f"valid_{kind.replace('-', '_')}",
        extension="json",
        request=request(kind),
    )


WRONG = malformed(("signature_wrong", "/proof"), code="signature_wrong")
COUNT = malformed(("statement_count", VALUE), code="signature_wrong")
BAD = malformed(("invalid_proof_value", VALUE))
LABELS_BAD = malformed(("proof_malformed", VALUE))


def both(kind: str) -> Iterator[Case]:
    good = derived(kind)
    whole = json.loads(base(kind))
    headers = {"ecdsa-sd": (b"\xd9\x5d\x00", b"\xd9\x5d\x03"), "bbs": (b"\xd9\x5d\x02", b"\xd9\x5d\x01")}
    base_header, other_header = headers[kind]
    presented = malformed(("base_proof", VALUE), code="base_proof_presented")
    yield case(
        kind,
        "X-01_base_proof_presented",
        "The issuer's base proof is shown as it is, with all claims or with those that the holder chose; or a"
        " derived proof"
        " says that it is a base proof, or one of the other suite.",
        {
            "whole": d.text(whole),
            "with-chosen-claims": d.text({**good, "proof": whole["proof"]}),
            "derived-as-base": d.text(with_components(good, lambda c: c, base_header)),
            "derived-as-other": d.text(with_components(good, lambda c: c, other_header)),
        },
        {
            **dict.fromkeys(("whole", "with-chosen-claims", "derived-as-base"), presented),
            "derived-as-other": BAD,
        },
    )
    removed = ("validUntil", "validFrom", "issuer", "credentialSchema")
    yield case(
        kind,
        "X-02_mandatory_claim_removed",
        "The holder leaves out what the issuer did not let him: the end, the issuer, the schema.",
        {name: d.text({n: v for n, v in good.items() if n != name}) for name in removed},
        dict.fromkeys(removed, COUNT),
    )
    yield case(
        kind,
        "X-04_claim_without_a_term",
        "After deriving, the holder adds a member that no context defines.",
        {
            "top": d.text({**good, "licenceNumber": "1"}),
            "subject": d.text(d.change(good, lambda v: v["credentialSubject"].update(licenceNumber="1"))),
        },
        {
            "top": malformed(("undefined_term", "/licenceNumber"), code="data_loss"),
            "subject": malformed(("undefined_term", "/credentialSubject/licenceNumber"), code="data_loss"),
        },
    )
    yield case(
        kind,
        "X-04_claim_changed",
        "A claim that the holder chose to show, or had to, is changed.",
        {
            "name": d.text(d.change(good, lambda v: v["credentialSubject"].update(name="Somebody Else"))),
            "subject": d.text(d.change(good, lambda v: v["credentialSubject"].update(id=d.ATTACKER.did))),
            "end": d.text({**good, "validUntil": "2040-01-01T00:00:00Z"}),
        },
        WRONG,
    )


def ecdsa() -> Iterator[Case]:
    kind = "ecdsa-sd"
    _, key, signatures, labels, indexes = range(5)
    yield case(
        kind,
        "X-03_parts_of_the_proof_value",
        PARTS,
        values(
            kind,
            {
                "index-twice": put(indexes, lambda i: [i[0], *i]),
                "index-unsorted": put(indexes, lambda i: [i[1], i[0], *i[2:]]),
                "index-negative": put(indexes, lambda i: [-1, *i]),
                "labels-twice": put(labels, first_twice),
                "four-components": lambda c: c[:4],
                "index-moved": put(indexes, lambda i: [*i[:-1], i[-1] + 1]),
                "index-missing": put(indexes, lambda i: i[:-1]),
                "index-out-of-range": put(indexes, lambda i: [*i, 100_000]),
                "signature-missing": put(signatures, lambda s: s[:-1]),
                "signature-extra": put(signatures, lambda s: [*s, s[0]]),
                "label-missing": put(labels, lambda m: dict(list(m.items())[:-1])),
                "label-extra": put(labels, lambda m: {**m, 99: bytes(32)}),
                "another-key": put(
                    key, lambda _: b"\x80\x24" + SoftSigner(5, Algorithm.P256).public_key.key_bytes
                ),
                "signature-of-zeros": put(signatures, lambda s: [bytes(64)] * len(s)),
            },
        ),
        {
            **dict.fromkeys(
                ("index-twice", "index-unsorted", "index-negative", "labels-twice", "four-components"), BAD
            ),
            **dict.fromkeys(
                (
                    "index-moved",
                    "index-missing",
                    "index-out-of-range",
                    "signature-missing",
                    "signature-extra",
                ),
                COUNT,
            ),
            **dict.fromkeys(("label-missing", "label-extra"), LABELS_BAD),
            **dict.fromkeys(("another-key", "signature-of-zeros"), WRONG),
        },
    )
    twin = derive(issue(unsigned(kind), signer=signer(kind)), *CHOSEN)
    other = derive(base(kind, d.ATTACKER.did), *CHOSEN)
    two = issue(unsigned(kind), ["/issuer", "/validFrom", "/credentialSubject/id"], signer=signer(kind))
    one, another = derive(two, *CHOSEN), derive(two, "/languageOfAward")
    mixed = {
        "signatures-of-another-proof": d.text(
            with_components(derived(kind), put(signatures, lambda _: components_of(twin)[signatures]))
        ),
        "key-of-another-proof": d.text(
            with_components(derived(kind), put(key, lambda _: components_of(twin)[key]))
        ),
        "of-another-holder": d.text({**derived(kind), "proof": other["proof"]}),
        "claims-of-two-derivations": d.text({**one, "languageOfAward": another["languageOfAward"]}),
    }
    yield case(
        kind,
        "X-05_parts_of_two_proofs",
        "Parts of two derived proofs are put together: of two credentials with the same claims, of two holders, of two"
        " derivations. Only what belongs together fits (that two derivations of one credential can be merged"
        " with care, and be"
        " linked, is a trait of the suite: docs/divergences.md).",
        mixed,
        {**dict.fromkeys(mixed, WRONG), "claims-of-two-derivations": COUNT},
    )


def bbs() -> Iterator[Case]:
    kind = "bbs"
    proof, labels, mandatory, selective, presentation = range(5)
    yield case(
        kind,
        "X-03_parts_of_the_proof_value",
        PARTS,
        values(
            kind,
            {
                "index-twice": put(mandatory, lambda i: [i[0], *i]),
                "index-unsorted": put(mandatory, lambda i: [i[1], i[0], *i[2:]]),
                "index-negative": put(mandatory, lambda i: [-1, *i]),
                "selective-twice": put(selective, lambda i: [i[0], *i]),
                "labels-twice": put(labels, first_twice),
                "index-missing": put(mandatory, lambda i: i[:-1]),
                "index-out-of-range": put(mandatory, lambda i: [*i, 100_000]),
                "selective-missing": put(selective, lambda i: i[:-1]),
                "selective-moved": put(selective, lambda i: [*i[:-1], i[-1] + 1]),
                "proof-of-zeros": put(proof, lambda p: bytes(len(p))),
                "neutral-points": put(proof, lambda p: (b"\xc0" + bytes(47)) * 2 + p[96:]),
                "label-missing": put(labels, lambda m: dict(list(m.items())[:-1])),
                "label-extra": put(labels, lambda m: {**m, 99: 99}),
            },
        ),
        {
            **dict.fromkeys(
                ("index-twice", "index-unsorted", "index-negative", "selective-twice", "labels-twice"), BAD
            ),
            **dict.fromkeys(("index-missing", "index-out-of-range", "selective-missing"), COUNT),
            **dict.fromkeys(("selective-moved", "proof-of-zeros", "neutral-points"), WRONG),
            **dict.fromkeys(("label-missing", "label-extra"), LABELS_BAD),
        },
    )
    other = derive(base(kind, d.ATTACKER.did), *CHOSEN)
    yield case(
        kind,
        "X-05_proof_of_another_credential",
        "The proof of another holder's credential, whole or in part.",
        {
            "whole": d.text({**derived(kind), "proof": other["proof"]}),
            "proof-only": d.text(
                with_components(derived(kind), put(proof, lambda _: components_of(other)[proof]))
            ),
        },
        WRONG,
    )
    nonce = json.loads(
        derive_credential(
            base(kind), CHOSEN, options={"presentationHeader": "u" + encode_base64url(b"question")}
        )
    )
    changes: dict[str, Change] = {
        "other": put(presentation, lambda _: b"another question"),
        "empty": put(presentation, lambda _: b""),
    }
    yield case(
        kind,
        "X-07_presentation_header",
        "The proof is bound to the nonce of one request; whoever got it shows it for another, or without.",
        {name: d.text(with_components(nonce, change)) for name, change in changes.items()},
        WRONG,
    )
    vp = d.presented(d.presentation(derived(kind)), challenge="another-question")
    yield fail(
        "X-07_bbs_presentation_replayed",
        "A presentation of a derived credential, made for another verifier's question, is sent again. The"
        " question stands in"
        " `challenge`, which is compared; the presentation header of the suite is bound to nothing that a"
        " verifier asks.",
        d.text(vp),
        malformed(("wrong_challenge", "/proof/challenge"), code="wrong_challenge"),
        positive="valid_presentation",
        extension="json",
        request={**ASKED, **request(kind)},
    )


PARTS = (
    "Indexes, labels, signatures and what else the proof value holds are repeated, moved, left out, added."
)


def cases() -> Iterator[Case]:
    for kind in KINDS:
        yield from both(kind)
    yield from ecdsa()
    yield from bbs()
