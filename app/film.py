"""`python -m app.film RUN --output FILE.html`: the same as `python -m core film`."""

import sys
from collections.abc import Sequence

from core.cli.main import main as core_main


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command -> exit status."""
    return core_main(["film", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":
    sys.exit(main())
