"""The scripts of the page as one: a page that is opened from disk may not load modules."""

import re
from pathlib import Path

PAGE = Path(__file__).parent / "page"
START = "main.js"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)"\n', re.MULTILINE)
EXPORT = re.compile(r"^export ", re.MULTILINE)


def bundle(start: str = START) -> str:
    """Join a module with all that it imports, the imported ones first, in one function."""
    names: list[str] = []
    _collect(start, names)
    parts = [EXPORT.sub("", IMPORT.sub("", _read(name))).strip() for name in names]
    return '"use strict";\n(() => {\n' + "\n\n".join(parts) + "\n})()\n"


def _collect(name: str, names: list[str]) -> None:
    for imported in IMPORT.findall(_read(name)):
        if imported not in names:
            _collect(imported, names)
    names.append(name)


def _read(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")
