"""OpenID for Verifiable Presentations 1.0, as pure messages and decisions."""
