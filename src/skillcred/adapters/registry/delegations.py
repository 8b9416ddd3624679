"""Whom the operator lets sign what: one role for each enrolled body, and one for the log's checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tuf.api.metadata import DelegatedRole, Delegations, Key

from skillcred.adapters.registry.layout import LOG_FOLDER, LOG_ROLE, branch_folder, role_of
from skillcred.adapters.registry.signers import framework_key
from skillcred.keys.public_key import PublicKey


def build_delegations(
    bodies: Mapping[str, PublicKey],
    log: Sequence[PublicKey],
    old: Delegations | None,
    withdrawn: Collection[str] = (),
) -> Delegations:
    """The delegations for bodies that publish now, by DID, and for the log, if there is one.

    What was delegated before and is not named stays: that a body has nothing new does not take its branch away. Only
    the DIDs in `withdrawn` lose what they had.
    """
    keys: dict[str, Key] = {}
    roles: dict[str, DelegatedRole] = {}

    def delegate(name: str, those: Sequence[PublicKey], paths: list[str]) -> None:
        theirs = [framework_key(key) for key in those]
        keys.update({key.keyid: key for key in theirs})
        roles[name] = DelegatedRole(
            name, [key.keyid for key in theirs], threshold=1, terminating=True, paths=paths
        )

    for did, key in bodies.items():
        delegate(role_of(did), [key], [f"{branch_folder(did)}/*"])
    if log:
        delegate(LOG_ROLE, log, [f"{LOG_FOLDER}/*"])
    gone = {role_of(did) for did in withdrawn}
    for name, role in ((old.roles if old is not None else None) or {}).items():
        if name not in roles and name not in gone and old is not None:
            roles[name] = role
            keys.update({keyid: old.keys[keyid] for keyid in role.keyids})
    return Delegations(keys, dict(sorted(roles.items())))
