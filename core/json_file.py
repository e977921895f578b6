"""JSON files that are replaced in one step, and read with a sentence instead of a traceback."""

import json
import os
from pathlib import Path
from typing import Any

from core.errors import UserError


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file in one step, so that no reader ever sees half of it."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, path)


def read_json(path: Path) -> Any:
    """Raises UserError if there is none, or it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as JSON: {error}.") from None
