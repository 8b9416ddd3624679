"""The holder's side of OID4VCI 1.0 and OID4VP 1.0, as pure messages and decisions: what a wallet asks, and what it
believes. Nothing here knows how our own issuer and verifier behave; it is written after the specifications."""
