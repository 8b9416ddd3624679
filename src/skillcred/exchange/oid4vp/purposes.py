"""What employers commonly ask, as queries that ask for what the purpose needs and nothing else (SECURITY PR-08).

Nationality, date of birth, pictures, identity numbers and grades are in none of them. The name of the person is asked
for only if whoever asks says so: that the person holds the credential is proved without it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.errors import InputError
from skillcred.exchange.oid4vp.claims_path import ClaimsPath
from skillcred.exchange.oid4vp.dcql import (
    ClaimsQuery,
    CredentialQuery,
    CredentialSetQuery,
    DcqlQuery,
    PresentationFormat,
)
from skillcred.linkeddata.type_names import expand_types
from skillcred.profiles.apprenticeship import APPRENTICESHIP
from skillcred.profiles.proficiency import PROFICIENCY
from skillcred.profiles.profile import Profile
from skillcred.profiles.qualification import QUALIFICATION
from skillcred.profiles.training import TRAINING
from skillcred.profiles.work_experience import WORK_EXPERIENCE

NAME_OF_PERSON: Final[ClaimsPath] = ("credentialSubject", "name")
_ACHIEVEMENT: Final[tuple[ClaimsPath, ...]] = (
    ("name",),
    ("awardedDate",),
    ("credentialSubject", "achievement", "name"),
    ("credentialSubject", "achievement", "alignment"),
)
"""What it is called, when it was awarded, and which levels, fields and occupations it stands for."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why somebody asks. `title`, `reason` and `shows` are English, for people. `paths` are what is asked for; `wished`
    what is asked for where the credential has it."""

    id: str
    title: str
    reason: str
    shows: str
    profiles: tuple[Profile, ...]
    paths: tuple[ClaimsPath, ...] = _ACHIEVEMENT
    wished: tuple[ClaimsPath, ...] = ()


PURPOSES: Final[Mapping[str, Purpose]] = MappingProxyType(
    {
        purpose.id: purpose
        for purpose in (
            Purpose(
                "qualification",
                "Is qualified",
                "To see what the person is qualified for, at which level, and who awarded it.",
                "You will see its title, when it was awarded, and the levels, fields and occupations it stands for.",
                (QUALIFICATION, APPRENTICESHIP),
            ),
            Purpose(
                "training",
                "Has done a training",
                "To see which course the person completed, and how long it was.",
                "You will see its title, when it was awarded, the fields it stands for, and the hours.",
                (TRAINING,),
                (*_ACHIEVEMENT, ("credentialSubject", "achievement", "workload")),
            ),
            Purpose(
                "work-experience",
                "Has worked in a job",
                "To see which job the person did, and for how long.",
                "You will see the job title, from when until when, and the occupations it stands for.",
                (WORK_EXPERIENCE,),
                (
                    *_ACHIEVEMENT,
                    ("credentialSubject", "employment", "jobTitle"),
                    ("credentialSubject", "employment", "periodStart"),
                ),
                (("credentialSubject", "employment", "periodEnd"),),
            ),
            Purpose(
                "proficiency",
                "Has reached a level",
                "To see which level of a language or skill the person reached in an assessment.",
                "You will see its title, when it was awarded, the level, and the result if there is one.",
                (PROFICIENCY,),
                _ACHIEVEMENT,
                (("credentialSubject", "result"),),
            ),
        )
    }
)
"""All purposes, by id. What one asks for is published; asking for more under the same id would break a promise."""


def get_purpose(purpose_id: str) -> Purpose:
    """Raises `InputError` (`unknown_purpose`)."""
    if purpose_id not in PURPOSES:
        raise InputError("There is no such purpose.", code="unknown_purpose", pointer="/purpose")
    return PURPOSES[purpose_id]


def build_purpose_query(
    purpose: Purpose,
    *,
    with_name: bool = False,
    formats: Collection[PresentationFormat] = tuple(PresentationFormat),
) -> DcqlQuery:
    """One credential of any profile of the purpose, in any of `formats`; those that can be shown in parts come first.
    Raises `InputError` (`no_formats`)."""
    queries = tuple(
        _credential_query(purpose, profile, each, with_name=with_name)
        for each in PresentationFormat
        if each in formats
        for profile in purpose.profiles
    )
    if not queries:
        raise InputError("A request takes at least one format.", code="no_formats", pointer="/formats")
    if len(queries) == 1:
        return DcqlQuery(queries)
    return DcqlQuery(queries, (CredentialSetQuery(tuple((query.id,) for query in queries)),))


def _credential_query(
    purpose: Purpose, profile: Profile, format_: PresentationFormat, *, with_name: bool
) -> CredentialQuery:
    paths = (*purpose.paths, NAME_OF_PERSON) if with_name else purpose.paths
    claims = tuple(
        ClaimsQuery(path, f"c{number}" if purpose.wished else None)
        for number, path in enumerate((*paths, *purpose.wished))
    )
    ids = tuple(claim.id for claim in claims if claim.id is not None)
    sets = (ids, ids[: len(paths)]) if purpose.wished else ()
    name = profile.credential_type
    expanded = tuple(sorted(expand_types({"@context": list(profile.contexts), "type": [name]})))
    types: tuple[tuple[str, ...], ...] = ()
    if format_.has_type_values:
        types = (expanded,) if format_ is PresentationFormat.LDP_VC else (expanded, (name,))
    return CredentialQuery(
        id=f"{profile.id}_{format_.name.lower()}",
        format=format_.value,
        vct_values=() if format_.has_type_values else (profile.vct,),
        type_values=types,
        claims=claims,
        claim_sets=sets,
    )
