"""Keys: algorithms, Multikey and JWK values, strict verification of raw signatures, and the `Signer` role."""
