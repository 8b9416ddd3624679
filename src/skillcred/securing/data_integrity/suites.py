"""The one table of cryptosuites. A new suite is a file beside this one and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.keys.ml_dsa import ML_DSA_AVAILABLE
from skillcred.securing.data_integrity.bbs_2023 import BBS_2023
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite
from skillcred.securing.data_integrity.ecdsa_jcs_2019 import ECDSA_JCS_2019
from skillcred.securing.data_integrity.ecdsa_rdfc_2019 import ECDSA_RDFC_2019
from skillcred.securing.data_integrity.ecdsa_sd_2023 import ECDSA_SD_2023
from skillcred.securing.data_integrity.ed25519_signature_2020 import ED25519_SIGNATURE_2020
from skillcred.securing.data_integrity.eddsa_jcs_2022 import EDDSA_JCS_2022
from skillcred.securing.data_integrity.eddsa_rdfc_2022 import EDDSA_RDFC_2022
from skillcred.securing.data_integrity.mldsa44_jcs_2024 import MLDSA44_JCS_2024
from skillcred.securing.data_integrity.mldsa44_rdfc_2024 import MLDSA44_RDFC_2024

CRYPTOSUITES: Final[Mapping[str, Cryptosuite]] = MappingProxyType(
    {
        suite.name: suite
        for suite in (
            EDDSA_RDFC_2022,
            EDDSA_JCS_2022,
            ECDSA_RDFC_2019,
            ECDSA_JCS_2019,
            ECDSA_SD_2023,
            BBS_2023,
            ED25519_SIGNATURE_2020,
            *((MLDSA44_RDFC_2024, MLDSA44_JCS_2024) if ML_DSA_AVAILABLE else ()),
        )
    }
)
