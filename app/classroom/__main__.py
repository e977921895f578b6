"""`python -m app.classroom --output FOLDER`: a page for lessons that needs no server and no installation."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from app.shared.settings import EXPLAINED_MODEL
from core.errors import UserError, explain
from core.folders import checkpoints_folder, data_folder

DONE = "{folder}: {size:.1f} MB. Open {page} in a browser."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command -> exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.classroom", description=__doc__.split(": ", 1)[1])
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder of the page")
    folder = parser.parse_args(arguments).output
    try:
        from app.classroom.export import export_page  # with torch, which takes seconds

        size = export_page(folder, data_folder(), checkpoints_folder() / EXPLAINED_MODEL)
    except (UserError, OSError) as error:
        print(f"error: {explain(error)}", file=sys.stderr)
        return 2
    print(DONE.format(folder=folder, size=size / 1e6, page=folder / "index.html"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
