"""COSE: signed CBOR messages, read strictly, and the credentials and presentations inside them."""
