"""Tables as files: the columns of a CSV, TSV or Parquet file as text, with the numbers of the lines.

Tables of spreadsheet programs are read as they are: UTF-8, UTF-16 or Windows-1252; commas, semicolons, tabs or vertical
bars; a first line `sep=;`; blank lines and trailing empty columns.
"""

import codecs
import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from pathlib import Path

from core.errors import UserError

DELIMITERS = ",;\t|"
NOT_TABLES = {  # the first bytes of files that are no tables
    b"PK\x03\x04": "an Excel file or a zip archive",
    b"\xd0\xcf\x11\xe0": "an Excel file",
    b"\x1f\x8b": "a compressed file",
}
PARQUET = b"PAR1"
MAX_ROWS = 1_000_000  # of a Parquet file, which may have far more rows than bytes
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"? *(?:\n|$)', re.IGNORECASE)  # Excel's first line


@dataclass(frozen=True)
class TableFile:
    """A table.

    `header` has the names of the columns. `numbers` has the number of each row: its last line in a text file.
    """

    name: str
    header: list[str]
    numbers: Sequence[int]
    load: Callable[[int], list[str]]  # the values of a column, by its position
    unit: str = "line"
    notes: list[str] = field(default_factory=list)

    def where(self, row: int) -> str:
        """Return the place of a row for messages, such as "labels.csv, line 7"."""
        return f"{self.name}, {self.unit} {self.numbers[row]}"


def open_table(table: Path, known: Callable[[str], bool]) -> TableFile:
    """Open a CSV, TSV or Parquet file. Its content determines the kind.

    Args:
        table: The file.
        known: Whether a name is that of a known column. The delimiter is the one that gives most known columns.

    Raises:
        UserError: If the file is missing, is no table or has an error. The message names the line.
    """
    try:
        content = table.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"There is no table {table}; give a CSV file with the columns path, identity, camera, time."
        ) from None
    except OSError as error:
        raise UserError(f"The table {table} cannot be read: {error.strerror}.") from None
    if content.startswith(PARQUET):
        return _open_parquet(table)
    for start, kind in NOT_TABLES.items():
        if content.startswith(start):
            raise UserError(f"{table.name} is {kind}, not a table in text form; save it as CSV.")
    text, is_utf = _decode(content, table.name)
    opened = _parse(text, table.name, known)
    if not is_utf:
        example = _first_foreign(opened)
        opened.notes.append(f"{table.name} is not UTF-8; it is read as Windows-1252, e.g. {example!r}")
    return opened


def _decode(content: bytes, name: str) -> tuple[str, bool]:
    """Decode the text of a table, and return whether it is Unicode."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16"), True
        if (zero := content.find(b"\0")) >= 0:
            line = content[:zero].count(b"\n") + 1
            raise UserError(f"{name}, line {line} is not text; save the table as CSV with UTF-8 encoding.")
        return content.decode("utf-8-sig"), True
    except UnicodeDecodeError as error:
        try:
            if error.encoding == "utf-8":
                return content.decode("cp1252"), False
        except UnicodeDecodeError:
            pass
        line = error.object[: error.start].count(b"\n") + 1
        kinds = "neither UTF-8 nor Windows-1252" if error.encoding == "utf-8" else "damaged UTF-16"
        raise UserError(f"{name}, line {line} is {kinds} text; save the table as CSV with UTF-8 encoding.") from None


def _parse(text: str, name: str, known: Callable[[str], bool]) -> TableFile:
    """Split the text of a table into a header and rows."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    skipped = 0  # lines before the text that is parsed
    if marked := SEPARATOR_LINE.match(text):
        delimiter, text, skipped = marked[1], text[marked.end() :], 1
    else:
        first = text.lstrip("\n").partition("\n")[0]
        headers = {mark: next(csv.reader([first], delimiter=mark), []) for mark in DELIMITERS}
        delimiter = max(DELIMITERS, key=lambda mark: (sum(map(known, headers[mark])), len(headers[mark])))
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    header: list[str] = []
    cells: list[str] = []  # of all rows: a list for each row takes four times as long
    numbers: list[int] = []
    needed = line = 0
    try:
        for fields in reader:
            line = skipped + reader.line_num
            if not any(map(str.strip, fields)):
                continue
            if not header:
                header = [field.strip() for field in fields]
                needed = max(position for position, field in enumerate(header, 1) if field)
                continue
            if len(fields) < needed or any(map(str.strip, fields[len(header) :])):
                raise UserError(f"{name}, line {line} has {len(fields)} fields; the header has {len(header)}.")
            cells += fields[: len(header)] + [""] * (len(header) - len(fields))
            numbers.append(line)
    except csv.Error as error:
        raise UserError(f"{name}, line {line + 1} cannot be read as CSV: {error}.") from None
    return TableFile(name, header, numbers, lambda column: [cell.strip() for cell in cells[column :: len(header)]])


def _first_foreign(table: TableFile) -> str:
    """Return the first value that is not ASCII."""
    values = (value for column, name in enumerate(table.header) if name for value in table.load(column))
    return next((value for value in (*table.header, *values) if not value.isascii()), "")


def _open_parquet(table: Path) -> TableFile:
    """Open a Parquet file. Equal texts of a column share memory: a small file may repeat a long text very often."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def damaged(error: Exception) -> UserError:
        return UserError(f"{table.name} is a damaged Parquet file: {error}.")

    try:
        schema = pq.read_schema(table)
        texts = [field.name for field in schema if not pa.types.is_nested(field.type)]
        file = pq.ParquetFile(table, read_dictionary=texts)
        header, rows = list(file.schema_arrow.names), file.metadata.num_rows
    except Exception as error:  # pyarrow raises many kinds of error on damaged files
        raise damaged(error) from None
    if not 0 <= rows <= MAX_ROWS:
        raise UserError(f"{table.name} has {rows:,} rows; the limit is {MAX_ROWS:,}. Divide it into several tables.")

    def load(column: int) -> list[str]:
        kind = schema.field(column).type
        if pa.types.is_nested(kind) and not pa.types.is_list(kind) and not pa.types.is_fixed_size_list(kind):
            raise UserError(f"{table.name}: the column {header[column]} has values of type {kind}, not text.")
        try:
            texts: list[str] = []
            for chunk in file.read(columns=[header[column]]).column(0).chunks:
                if pa.types.is_dictionary(chunk.type):
                    known = [_to_text(value) for value in chunk.dictionary.to_pylist()]
                    texts += ["" if index is None else known[index] for index in chunk.indices.to_pylist()]
                else:
                    texts += map(_to_text, chunk.to_pylist())
        except Exception as error:
            raise damaged(error) from None
        if len(texts) != rows:
            raise damaged(ValueError(f"the column {header[column]} has {len(texts):,} values, not {rows:,}"))
        return texts

    return TableFile(table.name, header, range(1, rows + 1), load, "row")


def _to_text(value) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return value.isoformat() if isinstance(value, date) else str(value).strip()
