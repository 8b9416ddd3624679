"""Putting disclosed claims in their places: RFC 9901 section 7.1, steps 3 to 5.

Everything that the section lets a verifier refuse is refused, and so is every use of the reserved names other
than the one they are reserved for (section 4.1): a document has one reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.encoding.strict_json import MAX_DEPTH
from skillcred.securing.sd_jwt.disclosure import (
    ELLIPSIS,
    SD,
    SD_ALG,
    Disclosure,
    get_sd_alg,
    hash_text,
    is_without_digests,
    parse_disclosure,
)
from skillcred.securing.sd_jwt.errors import SdJwtError


class ProcessedPayload(NamedTuple):
    """The Processed SD-JWT Payload (RFC 9901 section 7.1): disclosed claims in their places, no `_sd`, `_sd_alg`
    or `...` left. `disclosed` has, by JSON pointer into `claims`, the disclosure that brought what stands there."""

    claims: JsonObject
    sd_alg: str
    disclosed: Mapping[str, str]


def process_payload(
    payload: JsonObject,
    encoded_disclosures: Iterable[str],
    *,
    always_disclosed: Collection[str] = (),
    text: bytes | None = None,
) -> ProcessedPayload:
    """Put the claims of `encoded_disclosures` in their places in `payload`, which is not changed.

    Nothing below the top-level claims named in `always_disclosed` may be concealed, and none of them may come by
    disclosure: a holder could leave out what speaks against it (section 9.7). `text` is the JSON that `payload` was
    read from; with it, where nothing below the top is concealed, less has to be looked at. Raises `SdJwtError`.
    """
    sd_alg = get_sd_alg(payload)
    run = _Run(sd_alg, encoded_disclosures, frozenset(always_disclosed))
    at_top = (SD in payload) + (SD_ALG in payload)
    flat = text is not None and ELLIPSIS not in payload and is_without_digests(text, at_top)
    claims = run.process_top(payload, flat=flat)
    run.refuse_unreferenced()
    return ProcessedPayload(claims, sd_alg, MappingProxyType(run.disclosed))


class _Run:
    """One pass over one payload. Every digest is looked at once, whether or not its disclosure was sent."""

    def __init__(
        self, sd_alg: str, encoded_disclosures: Iterable[str], always_disclosed: frozenset[str]
    ) -> None:
        self.disclosed: dict[str, str] = {}
        self._always_disclosed = always_disclosed
        self._seen: set[str] = set()
        self._unused: dict[str, Disclosure] = {}
        for encoded in encoded_disclosures:
            disclosure = parse_disclosure(encoded)
            if self._unused.setdefault(hash_text(encoded, sd_alg), disclosure) is not disclosure:
                raise SdJwtError("A disclosure is there twice.", code="duplicate_disclosure")

    def process_top(self, payload: JsonObject, *, flat: bool) -> JsonObject:
        """`flat`: nothing below the top is concealed."""
        top = {name: value for name, value in payload.items() if name != SD_ALG}
        if not flat:
            return self._object(top, "", 1, open_only=False)
        digests = top.pop(SD, None)
        if SD in payload:
            self._insert_members(digests, top, "", 1, open_only=False)
        return top

    def refuse_unreferenced(self) -> None:
        """Step 5."""
        if self._unused:
            raise SdJwtError(
                "A disclosure was sent that the issuer did not sign for.", code="unreferenced_disclosure"
            )

    def _value(self, value: JsonValue, pointer: str, depth: int, *, open_only: bool) -> JsonValue:
        if not isinstance(value, (dict, list)):
            return value
        if depth > MAX_DEPTH:
            raise SdJwtError(f"The claims are nested deeper than {MAX_DEPTH}.", code="too_deep")
        if isinstance(value, list):
            return self._array(value, pointer, depth, open_only=open_only)
        return self._object(value, pointer, depth, open_only=open_only)

    def _object(self, value: JsonObject, pointer: str, depth: int, *, open_only: bool) -> JsonObject:
        if ELLIPSIS in value:
            raise SdJwtError("`...` stands where no array element is.", code="sd_malformed", pointer=pointer)
        if SD_ALG in value:
            raise SdJwtError(
                "`_sd_alg` stands below the top level.", code="sd_alg_misplaced", pointer=pointer
            )
        result: JsonObject = {}
        for name, member in value.items():
            if name == SD:
                continue
            if not isinstance(member, (dict, list)):
                result[name] = member
                continue
            result[name] = self._value(
                member,
                f"{pointer}/{pointer_token(name)}",
                depth + 1,
                open_only=open_only or (not pointer and name in self._always_disclosed),
            )
        if SD in value:
            self._insert_members(value[SD], result, pointer, depth, open_only=open_only)
        return result

    def _insert_members(
        self, digests: JsonValue, result: JsonObject, pointer: str, depth: int, *, open_only: bool
    ) -> None:
        if not isinstance(digests, list):
            raise SdJwtError("`_sd` is not an array.", code="sd_malformed", pointer=pointer)
        for digest in digests:
            disclosure = self._take(digest, pointer, open_only=open_only)
            if disclosure is None:
                continue
            name = disclosure.name
            if name is None:
                raise SdJwtError(
                    "A disclosure of an array element stands for a claim.",
                    code="wrong_disclosure_kind",
                    pointer=pointer,
                )
            place = f"{pointer}/{pointer_token(name)}"
            if name in result:
                raise SdJwtError(
                    "A disclosed claim has the name of another one.", code="claim_name_taken", pointer=place
                )
            if not pointer and name in self._always_disclosed:
                raise SdJwtError(
                    "A claim that must always be visible comes by disclosure.",
                    code="claim_not_disclosable",
                    pointer=place,
                )
            self.disclosed[place] = disclosure.encoded
            result[name] = self._disclosed_value(disclosure, place, depth + 1)

    def _array(self, value: list[JsonValue], pointer: str, depth: int, *, open_only: bool) -> list[JsonValue]:
        result: list[JsonValue] = []
        for item in value:
            if not isinstance(item, (dict, list)):
                result.append(item)
                continue
            place = f"{pointer}/{len(result)}"
            if not (isinstance(item, dict) and ELLIPSIS in item):
                result.append(self._value(item, place, depth + 1, open_only=open_only))
                continue
            if len(item) != 1:
                raise SdJwtError("`...` stands beside other members.", code="sd_malformed", pointer=place)
            disclosure = self._take(item[ELLIPSIS], place, open_only=open_only)
            if disclosure is None:
                continue
            if disclosure.name is not None:
                raise SdJwtError(
                    "A disclosure of a claim stands for an array element.",
                    code="wrong_disclosure_kind",
                    pointer=place,
                )
            self.disclosed[place] = disclosure.encoded
            result.append(self._disclosed_value(disclosure, place, depth + 1))
        return result

    def _disclosed_value(self, disclosure: Disclosure, place: str, depth: int) -> JsonValue:
        """What stands at `place`, `depth` deep; looked through only if a digest may be in it or it may be too deep.
        Inside its disclosure it stood two deep, and the parser has looked at the depth there."""
        if disclosure.plain and depth <= 2:
            return disclosure.value
        return self._value(disclosure.value, place, depth, open_only=False)

    def _take(self, digest: JsonValue, pointer: str, *, open_only: bool) -> Disclosure | None:
        """The disclosure of `digest`, or None if it was not sent or the digest is a decoy. Step 4."""
        if not isinstance(digest, str):
            raise SdJwtError("A digest is not text.", code="sd_malformed", pointer=pointer)
        if open_only:
            raise SdJwtError(
                "Part of a claim that must always be visible is concealed.",
                code="claim_not_disclosable",
                pointer=pointer,
            )
        if digest in self._seen:
            raise SdJwtError("A digest is there twice.", code="duplicate_digest", pointer=pointer)
        self._seen.add(digest)
        return self._unused.pop(digest, None)
