"""Everything published about SD-JWT that can be tried: the examples of RFC 9901 and of SD-JWT VC as they were signed,
and the cases of the implementations in Python and JavaScript, issued and presented with our own code."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from skillcred.encoding.json_types import pointer_token
from skillcred.keys.public_key import PublicKey
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome
from skillcred.securing import DocumentKind, ProofRequest, verify_secured_document
from skillcred.securing.jose.claims import read_claims
from skillcred.securing.jose.envelope import parse_compact_jws, parse_payload, verify_compact_jws
from skillcred.securing.jose.errors import JoseError
from skillcred.securing.sd_jwt.compact import parse_compact
from skillcred.securing.sd_jwt.concealing import conceal_claims
from skillcred.securing.sd_jwt.disclosure import hash_text, parse_disclosure
from skillcred.securing.sd_jwt.errors import SdJwtError
from skillcred.securing.sd_jwt.key_binding import verify_key_binding
from skillcred.securing.sd_jwt.opening import HEADER_MEMBERS, OpenedSdJwt, open_sd_jwt
from skillcred.securing.sd_jwt.processing import process_payload
from skillcred.securing.sd_jwt.profiles import DC_SD_JWT
from worlds.sd_jwts import encode

EXAMPLES = "sd-jwt/rfc9901-draft-examples.json"
VC_EXAMPLES = "sd-jwt-vc/draft-examples.json"


def published(shared_dir: Path, name: str) -> tuple[list[PublicKey], list[dict[str, Any]]]:
    file = json.loads((shared_dir / "vectors" / name).read_bytes())
    return [PublicKey.from_jwk(jwk) for jwk in file["issuer_keys_tried"]], file["examples"]


@pytest.mark.parametrize("name", [EXAMPLES, VC_EXAMPLES])
def test_published_examples(shared_dir: Path, name: str) -> None:
    """Signature, disclosures, digests and key binding of every token in the two texts."""
    keys, examples = published(shared_dir, name)
    assert len(examples) == {EXAMPLES: 9, VC_EXAMPLES: 5}[name]
    bound = 0
    for example in examples:
        # one is the issuer-signed JWT alone, without the separator that makes it an SD-JWT
        text = example["compact"] if "~" in example["compact"] else f"{example['compact']}~"
        compact = parse_compact(text.encode())
        jws = parse_compact_jws(compact.issuer_jwt.encode(), header_members=HEADER_MEMBERS)
        assert dict(jws.header) == example["header"]
        payload = parse_payload(jws)
        assert payload == example["payload"]
        assert sum(signed_by(jws, key) for key in keys) >= 1, example["section"]
        decoded = [parse_disclosure(text) for text in compact.disclosures]
        arrays = [[d.salt, d.value] if d.name is None else [d.salt, d.name, d.value] for d in decoded]
        assert arrays == example.get("disclosures", [])
        digests = [hash_text(text, "sha-256") for text in compact.disclosures]
        assert digests == example.get("disclosure_digests_sha256", [])
        processed = process_payload(payload, compact.disclosures)
        assert len(processed.disclosed) == len(decoded)
        assert not any(text in json.dumps(processed.claims) for text in ('"_sd', '"..."'))
        if compact.key_binding is None:
            continue
        bound += 1
        binding = example["kb_jwt"]["payload"]
        opened = OpenedSdJwt(
            compact, jws, DC_SD_JWT, processed.sd_alg, processed.claims, read_claims(processed.claims), None
        )
        then = datetime.fromtimestamp(binding["iat"], UTC)
        request = ProofRequest("assertionMethod", then, {}, domain=binding["aud"], challenge=binding["nonce"])
        assert verify_key_binding(opened, request)
        with pytest.raises(SdJwtError):
            verify_key_binding(
                opened, ProofRequest("assertionMethod", then, {}, domain="x", challenge=binding["nonce"])
            )
    assert bound >= 1


def signed_by(jws: Any, key: PublicKey) -> bool:
    try:
        verify_compact_jws(jws, key)
    except JoseError:
        return False
    return True


def test_examples_of_sd_jwt_vc_as_credentials(shared_dir: Path) -> None:
    """All are of the kind; their issuers' keys are found in ways that we do not have, which is said."""
    _, examples = published(shared_dir, VC_EXAMPLES)
    results = []
    for example in examples:
        content = example["compact"].encode()
        opened = open_sd_jwt(content)
        assert opened.profile.kind is DocumentKind.SD_JWT_VC
        results.append(opened.document)
        findings = verify_secured_document(
            parse_secured_document(content, "application/dc+sd-jwt"),
            ProofRequest("assertionMethod", datetime(2026, 9, 1, tzinfo=UTC), {}),
        )
        assert (findings.result.outcome, findings.result.code) == (Outcome.INDETERMINATE, "unsupported_proof")
    blocks = json.loads((shared_dir / "vectors/sd-jwt-vc/draft-json-blocks.json").read_bytes())
    payloads = [
        block for block in blocks if isinstance(block, dict) and "vct" in block and "_sd" not in block
    ]
    # the processed payloads that the text prints
    assert sum(result in payloads for result in results) == 3


@dataclass(frozen=True)
class Concealed:
    """What `!sd` marks in the cases."""

    value: Any


yaml: Any = importlib.import_module("yaml")  # comes with the development tools; it has no types
_Loader = type("_Loader", (yaml.SafeLoader,), {})


def _construct(loader: Any, node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return Concealed(Frozen(loader.construct_mapping(node, deep=True)))
    if isinstance(node, yaml.SequenceNode):
        return Concealed(Frozen(loader.construct_sequence(node, deep=True)))
    plain = yaml.ScalarNode(
        loader.resolve(yaml.ScalarNode, node.value, (node.style is None, False)), node.value
    )
    return Concealed(loader.construct_object(plain))


@dataclass(frozen=True, eq=False)
class Frozen:
    """A container inside a mark, by identity."""

    value: Any


yaml.add_constructor("!sd", _construct, Loader=_Loader)


def read_case(marked: Any, pointer: str = "") -> tuple[Any, list[str]]:
    """The claims without marks, and the pointers to what was marked."""
    if isinstance(marked, Frozen):
        return read_case(marked.value, pointer)
    if isinstance(marked, dict):
        found: dict[str, Any] = {}
        pointers: list[str] = []
        for name, value in marked.items():
            plain = name.value if isinstance(name, Concealed) else name
            place = f"{pointer}/{pointer_token(plain)}"
            found[plain], below = read_case(value, place)
            pointers += ([place] if isinstance(name, Concealed) else []) + below
        return found, pointers
    if isinstance(marked, list):
        items, pointers = [], []
        for index, value in enumerate(marked):
            place = f"{pointer}/{index}"
            item, below = read_case(value.value if isinstance(value, Concealed) else value, place)
            items.append(item)
            pointers += ([place] if isinstance(value, Concealed) else []) + below
        return items, pointers
    return marked, []


def chosen(selection: Any, pointer: str = "") -> list[str]:
    """The pointers that a holder's selection names: every value that is not false, null or empty."""
    if isinstance(selection, dict):
        pairs: list[tuple[Any, Any]] = list(selection.items())
    elif isinstance(selection, list):
        pairs = list(enumerate(selection))
    else:
        pairs = []
    found = []
    for name, value in pairs:
        place = f"{pointer}/{pointer_token(name)}"
        if value not in (False, None):
            found.append(place)
            found += chosen(value, place)
    return found


def present_and_process(claims: Any, concealed: list[str], selection: Any, decoys: int) -> Any:
    """The claims after issuing, choosing and processing."""
    issued = conceal_claims(claims, concealed, decoys=decoys)
    everything = process_payload(issued.payload, issued.disclosures)
    assert everything.claims == claims
    wanted = [place for place in chosen(selection) if place in everything.disclosed]
    sent = [
        text
        for place, text in everything.disclosed.items()
        if any(f"{pointer}/".startswith(f"{place}/") for pointer in wanted)
    ]
    return process_payload(issued.payload, sent).claims


def specifications(shared_dir: Path) -> list[Path]:
    return sorted((shared_dir / "vectors").glob("sd-jwt*/**/specification.yml"))


def test_cases_of_the_python_implementation_and_the_drafts(shared_dir: Path) -> None:
    files = specifications(shared_dir)
    assert len(files) >= 30
    compared = 0
    for file in files:
        case = yaml.load(file.read_text(), Loader=_Loader)
        claims, concealed = read_case(case["user_claims"])
        claims = json.loads(json.dumps(claims, default=str))  # dates of YAML are text in JSON
        decoys = 2 if case.get("add_decoy_claims") else 0
        result = present_and_process(claims, concealed, case.get("holder_disclosed_claims", {}), decoys)
        if "expect_verified_user_claims" in case:
            compared += 1
            expected, _ = read_case(case["expect_verified_user_claims"])
            assert result == json.loads(json.dumps(expected, default=str)), file.parent.name
    assert compared >= 15


def frame_pointers(frame: Any, pointer: str = "") -> list[str]:
    """The pointers that a disclosure frame of the JavaScript implementation names."""
    if not isinstance(frame, dict):
        return []
    found = [f"{pointer}/{pointer_token(name)}" for name in frame.get("_sd", [])]
    for name, below in frame.items():
        if not name.startswith("_sd"):
            found += frame_pointers(below, f"{pointer}/{pointer_token(name)}")
    return found


def test_cases_of_the_javascript_implementation(shared_dir: Path) -> None:
    files = sorted((shared_dir / "vectors/sd-jwt/js-fixtures").glob("*.json"))
    assert len(files) == 17
    for file in files:
        case = json.loads(file.read_bytes())
        concealed = frame_pointers(case.get("disclosureFrame"))
        result = present_and_process(case["claims"], concealed, case.get("presentationFrames") or {}, 1)
        # RFC 9901 section 7.1, step 3.e: an object all of whose claims are withheld stays, as `{}`.
        expected = {"is_over": {}} if file.stem == "array_none_disclosed" else case["presentedClaims"]
        assert result == expected, file.name


def test_the_json_serialization_is_not_read(shared_dir: Path) -> None:
    """RFC 9901 section 8 is optional; what is in it is refused as no SD-JWT (SECURITY J-10, SD-12)."""
    _, examples = published(shared_dir, EXAMPLES)
    compact = parse_compact(examples[1]["compact"].encode())
    header, payload, signature = compact.issuer_jwt.split(".")
    flattened = {
        "payload": payload,
        "protected": header,
        "signature": signature,
        "header": {"disclosures": list(compact.disclosures), "kb_jwt": encode({})},
    }
    with pytest.raises(SdJwtError):
        parse_compact(json.dumps(flattened).encode())
