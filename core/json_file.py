"""Reading and atomic writing of JSON files."""

import json
from pathlib import Path
from typing import Any

from core.atomic_files import replace_file
from core.errors import UserError


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file in one step, so that no reader sees a partly written file."""
    with replace_file(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises UserError if it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as JSON: {error}.") from None
    except RecursionError:
        raise UserError(f"{path} cannot be read as JSON: its values are nested too deeply.") from None
