"""The certificate under which this deployment asks for presentations."""

from skillcred.adapters.certificates.verifier_certificate import (
    ConfiguredCertificate,
    DevelopmentCertificate,
    NoCertificate,
)

__all__ = ["ConfiguredCertificate", "DevelopmentCertificate", "NoCertificate"]
