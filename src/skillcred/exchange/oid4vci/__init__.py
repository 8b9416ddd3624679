"""OpenID for Verifiable Credential Issuance 1.0, the issuer's side, as pure messages and decisions."""
