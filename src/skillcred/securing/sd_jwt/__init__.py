"""Selective disclosure for JWTs (RFC 9901): our own processor, and the credentials that are secured with it.

Own, because the packages that exist accept what RFC 9901 tells to refuse: disclosures that no digest names, one
digest in two places, claims named `_sd`, expiry that comes by disclosure, key binding of any age (SECURITY M14).
"""
