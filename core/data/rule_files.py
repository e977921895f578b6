"""Files of rules: TOML that becomes `Rules`, and the other way round (core.data.rules explains the keys)."""

import re
import tomllib
from pathlib import Path
from typing import Any

from core.atomic_files import replace_file
from core.data.cameras import MAX_CAMERA
from core.data.rules import JOINED, MEANINGS, NO_MEANING, SPLITS, FileRule, Rules
from core.errors import UserError

MAX_BYTES = 200_000  # of a file of rules; the presets have at most 3,000
MAX_DOTS = 1000  # of a line; the time to read a key grows with the square of its number of parts
BACKSLASH, DOUBLED = "\\", "\\\\"
NOT_IN_FOLDERS = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
TOML_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
KEYS = {
    "name": str,
    "layout": str,
    "namespace": str,
    "root": str,
    "table": str,
    "match": str,
    "protocols": list,
    "original": dict,
    "title": str,
    "source": str,
    "cameras": dict,
    "images": list,
    "junk": list,
    "distractors": list,
    "notes": list,
}
ELEMENTS = {  # of the lists
    "protocols": str,
    "notes": str,
    "junk": (str, int),
    "distractors": (str, int),
    "folders": str,
    "below": str,
}
CAMERA_KEYS = {"first": int, "places": list}
IMAGE_KEYS = {
    "split": str,
    "pattern": str,
    "folders": list,
    "name": str,
    "camera": (str, int),
    "identity_prefix": str,
    "junk": list,
    "distractors": list,
    "list": str,
    "below": (str, list),
}


def read_rules(file: Path) -> Rules:
    """Read a file of rules.

    Raises:
        UserError: If the file is missing, is not TOML, has an unknown key, or has a pattern that cannot be used. The
            message names the key.
    """
    try:
        content = _parse(file)
    except FileNotFoundError:
        raise UserError(f"There is no file of rules {file}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file} is not valid TOML: {error}.") from None
    except RecursionError:
        raise UserError(f"{file} is not a file of rules: its values are nested too deeply.") from None
    return make_rules(content, file)


def _parse(file: Path) -> dict[str, Any]:
    """Parse a file of rules. A file that would take minutes is not parsed."""
    with file.open("rb") as opened:
        text = opened.read(MAX_BYTES + 1).decode("utf-8-sig")
    if len(text) > MAX_BYTES:
        raise UserError(f"{file} is not a file of rules: it has more than {MAX_BYTES:,} bytes.")
    if any(line.count(".") > MAX_DOTS for line in text.splitlines()):
        raise UserError(f"{file} is not a file of rules: a line has more than {MAX_DOTS:,} dots.")
    return tomllib.loads(text.replace("\r\n", "\n"))


def write_rules(content: dict[str, Any], file: Path) -> None:
    """Write the content of a file of rules.

    Raises:
        UserError: If the content is not valid.
    """
    make_rules(content, file)
    with replace_file(file) as temporary:
        temporary.write_text(format_rules(content), encoding="utf-8")


def format_rules(content: dict[str, Any]) -> str:
    """Format the content of a file of rules. Patterns are in single quotes, so that backslashes are not doubled."""
    import tomli_w

    def literal(match: re.Match) -> str:
        has_others = "'" in match[1] or BACKSLASH in match[1].replace(DOUBLED, "")  # a tab, for example
        return match[0] if DOUBLED not in match[1] or has_others else f"'{match[1].replace(DOUBLED, BACKSLASH)}'"

    return TOML_TEXT.sub(literal, tomli_w.dumps(content))


def make_rules(content: dict[str, Any], file: Path) -> Rules:
    """Make rules from the parsed content of a file. `file` is used for messages and relative paths.

    Raises:
        UserError: As `read_rules`.
    """
    _check(content, KEYS, str(file))
    name = content.get("name", "")
    if NOT_IN_FOLDERS.search(name) or name != name.strip(" ."):  # results are stored in a folder of this name
        raise UserError(f'{file}: a data set cannot be called {name!r}; omit / \\ : * ? " < > | and dots at the ends.')
    cameras = content.get("cameras", {})
    _check(cameras, CAMERA_KEYS, f"{file}, [cameras]")
    groups, table = content.get("images", []), content.get("table", "")
    if bool(groups) == bool(table):
        raise UserError(f"{file} needs either groups of files, [[images]], or a table, `table = ...`.")
    if content.get("match", "path") not in ("path", "name"):
        raise UserError(f'{file}: match is {content["match"]!r}; use "path" or "name".')
    shared = {name: content.get(name, []) for name in ("junk", "distractors")}
    if not all(
        isinstance(place, list) and place and all(map(_is_camera, place)) for place in cameras.get("places", [])
    ):
        raise UserError(
            f"{file}, [cameras]: places is {cameras['places']!r}; write lists of cameras, [[1, 4], [2, 5]]."
        )
    if not _is_camera(cameras.get("first", 0)):
        raise UserError(f"{file}, [cameras]: first is {cameras['first']}; write a number from 0 to {MAX_CAMERA:,}.")
    _check_original(content.get("original", {}), str(file))
    return Rules(
        layout=content.get("layout") or content.get("name") or "rules",
        images=tuple(_group(group, shared, f"{file}, [[images]] {n}") for n, group in enumerate(groups, start=1)),
        name=content.get("name", ""),
        namespace=content.get("namespace", ""),
        root=file.parent / content["root"] if "root" in content else None,
        table=file.parent / table if table else None,
        by_name=content.get("match") == "name",
        junk=tuple(map(str, shared["junk"])),
        distractors=tuple(map(str, shared["distractors"])),
        protocols=tuple(content.get("protocols", [])),
        original=content.get("original", {}),
        title=content.get("title") or content.get("name") or str(file),
        first_camera=cameras.get("first"),
        places=tuple(tuple(place) for place in cameras.get("places", [])),
        notes=tuple(content.get("notes", [])),
        file=file,
    )


def _is_camera(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_CAMERA


def _check_original(original: dict[str, Any], where: str) -> None:
    """Raise UserError unless the values are a folder, a namespace, and two numbers for each split."""
    _compile(str(original.get("folder", "")), f"{where}, original")
    for key, value in original.items():
        is_pair = isinstance(value, list) and len(value) == 2 and all(isinstance(one, int) for one in value)
        if not (isinstance(value, str) if key in ("folder", "namespace") else is_pair):
            raise UserError(f"{where}, original: {key} is {value!r}; write a text, or [images, identities] of a split.")


def _group(given: Any, shared: dict[str, Any], where: str) -> FileRule:
    if not isinstance(given, dict):
        raise UserError(f"{where} is not a table; write [[images]].")
    group = shared | given
    _check(group, IMAGE_KEYS, where)
    if ("pattern" in group) == ("folders" in group):
        raise UserError(f"{where} needs either `pattern` or `folders`.")
    if "name" in group and "pattern" in group:
        raise UserError(f"{where}: `name` belongs to `folders`; a pattern describes the file name as well.")
    split = group.get("split", "")
    if split and split not in SPLITS:
        raise UserError(f"{where}: the split is {split!r}; use one of {', '.join(SPLITS)}.")
    pattern = _compile(group["pattern"] if "pattern" in group else _from_folders(group, where), where)
    if split != "skip" and not any(name.startswith("identity") for name in pattern.groupindex):
        raise UserError(
            f"{where}: the pattern has no group `identity`; write the part of the name that is the identity as "
            r"(?P<identity>\d+), for example."
        )
    if split and "split" in pattern.groupindex:
        raise UserError(f"{where} has two splits: the key `split` and a group of the pattern.")
    return FileRule(
        pattern,
        split,
        str(group.get("camera", "")),
        group.get("identity_prefix", ""),
        tuple(map(str, group.get("junk", []))),
        tuple(map(str, group.get("distractors", []))),
        group.get("list", ""),
        (below,) if isinstance(below := group.get("below", ""), str) else tuple(below),
    )


def _from_folders(group: dict[str, Any], where: str) -> str:
    """Return the pattern for folder levels and the pattern of a file name."""
    levels = group["folders"]
    if wrong := [level for level in levels if level not in (*MEANINGS, NO_MEANING)]:
        raise UserError(f'{where}: the folder level {wrong[0]!r} is unknown; use {", ".join(MEANINGS)} or "*".')
    if doubled := next((level for level in levels if level != NO_MEANING and levels.count(level) > 1), None):
        raise UserError(f"{where}: two folder levels are called {doubled!r}.")
    folders = [r"[^/]+" if level == NO_MEANING else rf"(?P<{level}>[^/]+)" for level in levels]
    return "/".join([*folders, group.get("name", r"[^/]+")])


def _compile(text: str, where: str) -> re.Pattern:
    try:
        pattern = re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise UserError(f"{where}: the pattern is not a valid regular expression: {error}.") from None
    if unknown := set(pattern.groupindex) - {*MEANINGS, *JOINED}:
        raise UserError(f"{where}: the group {min(unknown)!r} is unknown; use {', '.join(MEANINGS)}.")
    return pattern


def _check(content: dict[str, Any], known: dict[str, Any], where: str) -> None:
    """Raise UserError for an unknown key or a value of the wrong type."""
    for key, value in content.items():
        if key not in known:
            raise UserError(f"{where} has an unknown key {key!r}; known keys are {', '.join(known)}.")
        if not _is_of(value, known[key]):
            raise UserError(f"{where}: {key} is {value!r}, which is not {_type_name(known[key])}.")
        if (
            key in ELEMENTS
            and isinstance(value, list)
            and (wrong := [e for e in value if not _is_of(e, ELEMENTS[key])])
        ):
            raise UserError(f"{where}: {key} has {wrong[0]!r}, which is not {_type_name(ELEMENTS[key])}.")


def _is_of(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _type_name(kind: Any) -> str:
    return {str: "a text", list: "a list", dict: "a table", int: "a whole number"}.get(kind, "a text or a number")
