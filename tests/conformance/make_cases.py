"""Write the case directories in `cases/` (see `making/`)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.making.case import CASES
from conformance.making.makers import all_cases


def main(names: list[str]) -> None:
    cases = {case.name: case for case in all_cases()}
    unknown = set(names) - cases.keys()
    if unknown:
        raise SystemExit(f"no maker for {sorted(unknown)}")
    for name, case in cases.items():
        if name in names or not (CASES / name).is_dir():
            case.write()
            print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
