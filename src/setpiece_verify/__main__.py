"""``python -m setpiece_verify PATH [--key FILE] [--checkpoint FILE]``: 0 where the log is whole, 1 where it is not."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from setpiece_verify.verify import verify


def main() -> int:
    """Verify, and say so."""
    parser = argparse.ArgumentParser(prog="setpiece_verify", description="Verify a clearance log: a database or an export.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--key", type=Path, help="file with the verifier key that you trust")
    parser.add_argument("--checkpoint", type=Path, help="file with a checkpoint that you kept from before")
    wanted = parser.parse_args()
    try:
        report = verify(wanted.path, key=_text(wanted.key), checkpoint=_text(wanted.checkpoint), processes=os.cpu_count() or 1)
    except (OSError, ValueError) as fault:
        print(f"cannot verify: {fault}", file=sys.stderr)
        return 2
    print("\n".join(report.lines()))
    return 0 if report.sound else 1


def _text(path: Path | None) -> str | None:
    return None if path is None else path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
