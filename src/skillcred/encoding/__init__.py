"""Bytes and text forms: strict JSON, JCS, base64url, multibase. No I/O, no knowledge of credentials."""
