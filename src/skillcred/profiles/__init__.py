"""Profiles of skill credentials: what they must hold, how they are built, what they say."""

from skillcred.profiles.build import ProfileError, build_credential
from skillcred.profiles.check import check_profile
from skillcred.profiles.facts import CredentialFacts, Level, credential_facts
from skillcred.profiles.profile import Profile
from skillcred.profiles.sd_jwt_claims import build_sd_jwt_claims, read_sd_jwt_claims
from skillcred.profiles.table import PROFILES
from skillcred.profiles.vcdm_1_1 import build_vcdm_1_1, read_vcdm_1_1

__all__ = [
    "PROFILES",
    "CredentialFacts",
    "Level",
    "Profile",
    "ProfileError",
    "build_credential",
    "build_sd_jwt_claims",
    "build_vcdm_1_1",
    "check_profile",
    "credential_facts",
    "read_sd_jwt_claims",
    "read_vcdm_1_1",
]
