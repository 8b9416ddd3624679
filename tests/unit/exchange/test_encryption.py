"""JWE with ECDH-ES on P-256, read more strictly than the library reads it (SECURITY R-06)."""

from __future__ import annotations

import json
import pickle

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from joserfc import jwe
from joserfc.jwk import ECKey

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.exchange.encryption import ContentEncryption, DecryptionKey, EncryptionError, encrypt_to

KEY = DecryptionKey.generate("one")
CONTENT = b'{"vp_token":{}}'


@pytest.mark.parametrize("encryption", ContentEncryption)
def test_what_is_encrypted_comes_out_again(encryption: ContentEncryption) -> None:
    again = DecryptionKey.from_bytes(KEY.to_bytes(), "one")
    token = encrypt_to(KEY.public_jwk(), CONTENT * 9_000, encryption, apu="AAAA", apv="AQ")
    assert again.decrypt(token) == CONTENT * 9_000


def test_the_example_of_the_specification_opens() -> None:
    """OID4VP 1.0 section 8.3: key and message as printed there."""
    key = {
        "kty": "EC",
        "crv": "P-256",
        "x": "YO4epjifD-KWeq1sL2tNmm36BhXnkJ0He-WqMYrp9Fk",
        "y": "Hekpm0zfK7C-YccH5iBjcIXgf6YdUvNUac_0At55Okk",
        "d": "Et-3ce0omz8_TuZ96Df9lp0GAaaDoUnDe6X-CRO7Aww",
    }
    token = (
        "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImtpZCI6ImFjIiwiZXBrIjp7Imt0eSI6IkVDIiwieCI6Im5ubVZwbTNWM2pi"
        "aGNhZlFhUkJrU1ZOSGx3Wkh3dC05ck9wSnVmeVlJdWsiLCJ5IjoicjRmakRxd0p5czlxVU9QLV9iM21SNVNaRy0tQ3dPMm1pYzVWU05U"
        "WU45ZyIsImNydiI6IlAtMjU2In19..uAYcHRUSSn2X0WPX.yVzlGSYG4qbg0bq18JcUiDRw56yVnbKR8E7S7YlEtzT00RqE3Pw5oTpUG3"
        "hdLN4taHZ9gC1kwak8JOnJgQ.1wR024_3-qtAlx1oFIUpQQ"
    )
    opened = DecryptionKey.from_bytes(json.dumps(key).encode(), "ac").decrypt(token)
    assert json.loads(opened) == {"vp_token": {"example_credential_id": ["eyJhb...YMetA"]}}


def refused(token: str, **options: object) -> str:
    with pytest.raises(EncryptionError) as caught:
        KEY.decrypt(token, **options)  # type: ignore[arg-type]
    return caught.value.code


def library_token(header: dict[str, object], key: ECKey | None = None) -> str:
    public = key or ECKey.import_key({n: str(KEY.public_jwk()[n]) for n in ("kty", "crv", "x", "y")})
    names = [str(header["alg"]), str(header["enc"])]
    return jwe.encrypt_compact(header, CONTENT, public, algorithms=[*names, "DEF"])


def test_other_algorithms_names_and_keys_are_refused() -> None:
    good = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": "one"}
    assert KEY.decrypt(library_token(good)) == CONTENT
    assert refused(library_token({**good, "alg": "ECDH-ES+A128KW"})) == "jwe_algorithm"
    assert refused(library_token({**good, "enc": "A192GCM"})) == "jwe_algorithm"
    assert refused(library_token(good), accepted=[ContentEncryption.A256GCM]) == "jwe_algorithm"
    assert refused(library_token({**good, "kid": "two"})) == "jwe_key"
    assert refused(library_token({"alg": "ECDH-ES", "enc": "A128GCM"})) == "jwe_key"
    assert refused(library_token({**good, "zip": "DEF"})) == "jwe_header"
    other = ECKey.generate_key("P-384", auto_kid=False)
    assert refused(library_token(good, other)) == "jwe_key"
    assert refused(library_token(good, ECKey.generate_key("P-256", auto_kid=False))) == "decryption_failed"


def with_ephemeral_key(**members: object) -> str:
    """A token made by hand (RFC 7518 section 4.6), whose ephemeral key has further members."""
    ours = KEY.public_jwk()
    their = ec.EllipticCurvePublicNumbers(
        *(int.from_bytes(decode_base64url(str(ours[name]))) for name in ("x", "y")), ec.SECP256R1()
    ).public_key()
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    numbers = ephemeral.public_key().public_numbers()
    epk = {"kty": "EC", "crv": "P-256"} | {
        name: encode_base64url(number.to_bytes(32)) for name, number in (("x", numbers.x), ("y", numbers.y))
    }
    header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": "one", "epk": epk | members}
    protected = encode_base64url(json.dumps(header).encode())
    info = b"".join(len(part).to_bytes(4) + part for part in (b"A128GCM", b"", b"")) + (128).to_bytes(4)
    secret = ephemeral.exchange(ec.ECDH(), their)
    key = ConcatKDFHash(hashes.SHA256(), 16, info).derive(secret)
    sealed = AESGCM(key).encrypt(bytes(12), CONTENT, protected.encode())
    return ".".join(
        (protected, "", *(encode_base64url(part) for part in (bytes(12), sealed[:-16], sealed[-16:])))
    )


def test_an_ephemeral_key_may_have_a_name_and_no_private_part() -> None:
    """RFC 7518 section 4.6.1.1: other members can be ignored. Credo's wallet writes a `kid`."""
    assert KEY.decrypt(with_ephemeral_key()) == CONTENT
    assert KEY.decrypt(with_ephemeral_key(kid="b7f81ff8", use="enc", alg="ECDH-ES")) == CONTENT
    assert refused(with_ephemeral_key(d="AAAA")) == "jwe_key"
    assert refused(with_ephemeral_key(crv="P-384")) == "jwe_key"
    assert refused(with_ephemeral_key(y=[])) in ("jwe_key", "decryption_failed")


def test_a_changed_token_does_not_open() -> None:
    parts = encrypt_to(KEY.public_jwk(), CONTENT, ContentEncryption.A256GCM).split(".")
    for index in (3, 4):
        changed = list(parts)
        changed[index] = ("A" if changed[index][0] != "A" else "B") + changed[index][1:]
        assert refused(".".join(changed)) == "decryption_failed"
    assert refused(".".join([*parts[:1], "AAAA", *parts[2:]])) == "jwe_algorithm"
    assert refused(".".join(parts[:4])) == "malformed_jwe"
    assert refused("a" * (1024 * 1024 + 1)) == "malformed_jwe"
    twice = encode_base64url(b'{"alg":"ECDH-ES","enc":"A256GCM","enc":"A128GCM","kid":"one"}')
    assert refused(".".join([twice, *parts[1:]])) == "malformed_jwe"


@pytest.mark.parametrize(
    "change",
    [{"alg": "RSA-OAEP"}, {"crv": "P-384"}, {"use": "sig"}, {"x": "AAAA"}, {"d": "AAAA"}],
    ids=lambda change: next(iter(change)),
)
def test_nothing_is_encrypted_to_what_is_no_such_key(change: dict[str, str]) -> None:
    with pytest.raises(EncryptionError) as caught:
        encrypt_to({**KEY.public_jwk(), **change}, CONTENT, ContentEncryption.A128GCM)
    assert caught.value.code == "jwe_key"


def test_the_private_key_slips_out_nowhere() -> None:
    assert "d" not in KEY.public_jwk()
    assert repr(KEY) == "DecryptionKey('one')"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(EncryptionError):
        DecryptionKey.from_bytes(b"{}", "one")
