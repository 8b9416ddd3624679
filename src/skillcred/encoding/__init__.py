"""Bytes and text forms: strict JSON, JCS, base64url, base58btc multibase. No I/O, no knowledge of credentials."""
