"""What ecdsa-sd-2023 and bbs-2023 have in common (ECDSA Cryptosuites 1.0 section 3.4, BBS Cryptosuites 1.0 section
3.2): selections by JSON pointer, statements with new labels, and which statements a selection holds."""

from skillcred.securing.data_integrity.selective_disclosure.labels import (
    LabelMapFactory,
    hmac_label,
    hmac_label_map,
    known_label_map,
)
from skillcred.securing.data_integrity.selective_disclosure.mandatory import (
    default_disclosable_pointers,
    default_mandatory_pointers,
)
from skillcred.securing.data_integrity.selective_disclosure.pointers import (
    MAX_POINTERS,
    SelectionError,
    parse_pointer,
    parse_pointers,
    select_json_ld,
)
from skillcred.securing.data_integrity.selective_disclosure.statements import (
    GroupedStatements,
    Selection,
    canonicalise_and_group,
    hash_statements,
    label_statements,
)

__all__ = [
    "MAX_POINTERS",
    "GroupedStatements",
    "LabelMapFactory",
    "Selection",
    "SelectionError",
    "canonicalise_and_group",
    "default_disclosable_pointers",
    "default_mandatory_pointers",
    "hash_statements",
    "hmac_label",
    "hmac_label_map",
    "known_label_map",
    "label_statements",
    "parse_pointer",
    "parse_pointers",
    "select_json_ld",
]
