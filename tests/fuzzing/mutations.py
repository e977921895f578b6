"""Mutations of files: random bytes, header fields, values of JSON and TOML, cells, arrays, archives and disguises."""

import io
import json
import pickle
import struct
import tomllib
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath
from random import Random
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile, ZipInfo

import numpy as np
from fuzzing.seeds import Files, encode, make_seeds
from PIL import Image

MARKER = "UNPICKLED"  # the file that the pickles would create beside them
LONG = "x" * 100_000
TEXTS = ["", " ", "\0", "a\0b", "nan", "inf", "-1", "1e308", "../../x", "/etc/passwd", "C:\\x", "~", "\ud800", LONG]
TEXTS += ["ä" * 300, "\u202e", "%s%n", "'; --", "\n\n", "[1]", "2026-99-99", "9" * 400, "=1+1", "\ufeff"]
NUMBERS = [0, -1, 1, 2**31, 2**63, -(2**63), 10**400, 1e308, float("nan"), float("inf"), -0.0, 1e-320, 3.5, 65_536]
SIZES = [0, 1, 7, 255, 32_767, 65_535, 2**31 - 1, 2**31, 2**32 - 1]
ODD_NAMES = ["nul.png", "/etc/x.png", "../x.png", "a/../../x.png", "C:\\x.png", "\\\\host\\x.png", "~/x.png", "a\0.png"]
ODD_NAMES += [
    "",
    "/",
    "a//b.png",
    "./a.png",
    "x" * 300 + ".png",
    "d/" * 600 + "x.png",
    "people/0.png",
    "people",
    "\n.png",
]


def mutate(files: Files, kind: str, random: Random) -> tuple[Files, str]:
    """Return changed files and the name of the mutation."""
    files = dict(files)
    name = random.choice(list(files))
    special = _special(kind, name)
    choices = [*GENERAL, *(special * 4)]
    mutation = random.choice(choices)
    if mutation is swap and kind == "image" and random.random() < 0.5:
        mutation = disguise_pickle
    files[name] = mutation(files[name], random)
    if random.random() < 0.2:  # a second change of any file
        name = random.choice(list(files))
        files[name] = random.choice(GENERAL)(files[name], random)
    if len(files) > 1 and random.random() < 0.05:
        del files[random.choice(list(files))]
    return files, mutation.__name__


def _special(kind: str, name: str) -> list[Callable[[bytes, Random], bytes]]:
    """Return the mutations that know the format of a file."""
    suffix = PurePosixPath(name).suffix
    if kind == "image":
        return [change_image_header, change_image_header, draw_odd_image]
    by_suffix: dict[str, list[Callable[[bytes, Random], bytes]]] = {
        ".zip": [pack_odd_names, pack_odd_names, change_zip_fields, pack_bomb],
        ".json": [change_json, change_json, nest_json],
        ".toml": [change_toml, change_toml, nest_toml],
        ".csv": [change_cell, change_cell, add_rows],
        ".tsv": [change_cell, add_rows],
        ".parquet": [write_odd_parquet],
        ".npz": [change_arrays],
        ".npy": [write_odd_array],
        ".safetensors": [change_tensors],
    }
    return by_suffix.get(suffix, [])


# of any file


def truncate(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(len(content) + 1)]


def flip_bits(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 8, 64]) if content else 0):
        changed[_place(content, random)] ^= 1 << random.randrange(8)
    return bytes(changed)


def insert_bytes(content: bytes, random: Random) -> bytes:
    at = _place(content, random)
    return content[:at] + random.choice([random.randbytes(8), b"\0" * 16, b"\xff" * 16, content[:64]]) + content[at:]


def delete_bytes(content: bytes, random: Random) -> bytes:
    at = _place(content, random)
    return content[:at] + content[at + random.choice([1, 2, 16, 256]) :]


def change_number(content: bytes, random: Random) -> bytes:
    """Write an extreme integer at a random place."""
    form = random.choice("<>") + random.choice("HIiQ")
    value = random.choice(SIZES) & (2 ** (8 * struct.calcsize(form)) - 1)
    value = min(value, 2**31 - 1) if form[1] == "i" else value
    at = _place(content, random)
    return content[:at] + struct.pack(form, value) + content[at + struct.calcsize(form) :]


def swap(content: bytes, random: Random) -> bytes:
    """Give a file of another kind the name of this one."""
    return random.choice([file for cases in make_seeds().values() for files in cases for file in files.values()])


def disguise_pickle(content: bytes, random: Random) -> bytes:
    """Write a pickle that creates a file, with or without the start of this kind of file."""
    harmful = pickle.dumps(_Harmful(), protocol=random.choice([0, 2, 5]))
    return random.choice([harmful, content[:4] + harmful, content[: len(content) // 2] + harmful])


def empty(content: bytes, random: Random) -> bytes:
    return random.choice([b"", b"\0", b"\n", b"\0" * 5000, b"\xff" * 5000])


GENERAL = [truncate, flip_bits, flip_bits, insert_bytes, delete_bytes, change_number, change_number, swap]
GENERAL += [disguise_pickle, empty]


class _Harmful:
    def __reduce__(self):
        return open, (MARKER, "w")


def _place(content: bytes, random: Random) -> int:
    """Return a position, more often in the header."""
    if not content:
        return 0
    return random.randrange(min(len(content), 64) if random.random() < 0.5 else len(content))


# images


def change_image_header(content: bytes, random: Random) -> bytes:
    """Change the width, the height or another field of the header, with a correct checksum in a PNG file."""
    size = random.choice(SIZES)
    if content.startswith(b"\x89PNG"):
        chunk = bytearray(content[12:29])
        at = random.choice([4, 8, 4, 8, 12])
        if at < 12:
            chunk[at : at + 4] = struct.pack(">I", size)
        else:
            chunk[random.randrange(12, 17)] = random.randrange(256)
        return content[:12] + bytes(chunk) + struct.pack(">I", zlib.crc32(chunk)) + content[33:]
    places = {
        b"\xff\xd8": [content.find(b"\xff\xc0") + 5, content.find(b"\xff\xc2") + 5],
        b"GI": [6, 8],
        b"BM": [10, 14, 18, 22, 26, 28, 30, 46],
        b"RI": [4, 16, 24, 27],
        b"II": [4, *range(8, min(len(content) - 12, 200), 4)],
    }
    place = random.choice(places.get(content[:2], [max(0, content.find(b"ispe") + 8)]))
    return content[:place] + struct.pack(random.choice("<>") + "I", size) + content[place + 4 :]


def draw_odd_image(content: bytes, random: Random) -> bytes:
    """Write an image that is valid, but unusual: of another mode, very thin, or large and of one colour."""
    kind = random.choice(["PNG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "JPEG"])
    mode = random.choice(["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16"])
    sizes = [(1, 1), (8, 8), (1, 60_000), (60_000, 8), (300, 700), (3000, 3000)]
    if random.random() < 0.06:
        sizes = [(4990, 5000), (5001, 5001), (7000, 7100), (10_000, 10_000)]
        kind = random.choice(["PNG", "GIF", "JPEG"])  # the others are slow to write, or as large as their pixels
    image = Image.new(mode, random.choice(sizes))
    options = {"transparency": 0} if mode in "PLRGB" and random.random() < 0.3 else {}
    try:
        return encode(image, kind, **options)
    except (OSError, ValueError, KeyError, TypeError):
        return encode(image.convert("RGB").crop((0, 0, 300, 300)), "PNG")


# archives


def pack_odd_names(content: bytes, random: Random) -> bytes:
    """Pack entries with unsafe, duplicate or unusual names, links and devices."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("people/0.png", b"x")
        for _ in range(random.randrange(1, 4)):
            info = ZipInfo("x.png")
            info.filename = random.choice(ODD_NAMES)
            if random.random() < 0.4:
                info.external_attr = random.choice([0o120777, 0o020666, 0o060666, 0o010666, 0o040777, 0]) << 16
            info.compress_type = random.choice([0, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA])
            archive.writestr(info, random.choice([b"", b"/etc/passwd", content[:100]]))
    return buffer.getvalue()


def change_zip_fields(content: bytes, random: Random) -> bytes:
    """Change a field of a central or local header: flags, method, sizes, offsets, numbers of entries."""
    changed = bytearray(content)
    mark, width = random.choice([(b"PK\x01\x02", 46), (b"PK\x03\x04", 30), (b"PK\x05\x06", 22)])
    starts = [at for at in range(len(content)) if content.startswith(mark, at)]
    if not starts:
        return content
    at = random.choice(starts) + random.randrange(4, width - 1)
    value = struct.pack("<I", random.choice([*SIZES, 1, 9, 12, 14, 99]))
    size = random.choice([1, 2, 4])
    changed[at : at + size] = value[:size]
    return bytes(changed)


def pack_bomb(content: bytes, random: Random) -> bytes:
    """Pack entries that unpack to far more bytes, or many entries, or an archive in an archive."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        how = random.randrange(3)
        if how == 0:
            archive.writestr("0.png", bytes(random.choice([1, 30, 60]) * 2**20))
        elif how == 1:
            for number in range(random.choice([100, 2000])):
                archive.writestr(f"{number}.png", b"")
        else:
            archive.writestr("inner.zip", content)
            archive.writestr("inner.png", content)
    return buffer.getvalue()


# texts


def change_json(content: bytes, random: Random) -> bytes:
    try:
        value = json.loads(content)
    except ValueError:
        return content
    return json.dumps(change_value(value, random)).encode("utf-8", "surrogatepass")


def nest_json(content: bytes, random: Random) -> bytes:
    depth = random.choice([50, 900, 100_000])
    nested = random.choice([b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth, b"[" * depth])
    return random.choice([nested, content.replace(b'": ', b'": ' + nested + b', "x": ', 1)])


def change_toml(content: bytes, random: Random) -> bytes:
    import tomli_w

    try:
        value = change_value(tomllib.loads(content.decode()), random, toml=True)
        return tomli_w.dumps(value).encode("utf-8", "surrogatepass")
    except (ValueError, TypeError, AttributeError):  # not TOML, or not any more
        return flip_bits(content, random)


def nest_toml(content: bytes, random: Random) -> bytes:
    depth = random.choice([50, 900, 20_000])
    nested = [b"[" * depth + b"]" * depth, b"{a=" * depth + b"1" + b"}" * depth]
    return random.choice([b"notes = " + random.choice(nested) + b"\n" + content, b"a." * depth + b"a = 1\n" + content])


def change_value(value: Any, random: Random, toml: bool = False) -> Any:
    """Replace, delete or add one value at a random place of a JSON or TOML value."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        how = random.random()
        if how < 0.1:
            return {name: one for name, one in value.items() if name != key}
        if how < 0.15:
            return value | {random.choice(TEXTS): _odd_value(random, toml)}
        return value | {key: change_value(value[key], random, toml)}
    if isinstance(value, list) and value and random.random() < 0.6:
        at = random.randrange(len(value))
        return [*value[:at], change_value(value[at], random, toml), *value[at + 1 :]]
    return _odd_value(random, toml)


def _odd_value(random: Random, toml: bool) -> Any:
    text, number = random.choice(TEXTS), random.choice(NUMBERS)
    values = [text, text, number, number, True, [], {}, [[[]]], ["a", 1], {"a": [1]}, [number], [[[number, text]]]]
    return random.choice(values if toml else [*values, None, [None]])


def change_cell(content: bytes, random: Random) -> bytes:
    """Change, remove or add a cell of a table in text form."""
    mark = b"\t" if b"\t" in content else b","
    rows = [line.split(mark) for line in content.split(b"\n")]
    row = random.choice(rows)
    cell = random.choice([*TEXTS, *map(str, NUMBERS), '"', "a.png", "0 0 1 1", "1e999 0 1 1", "train"])
    row[random.randrange(len(row))] = cell.encode("utf-8", "surrogatepass")
    if random.random() < 0.2:
        row.append(random.choice([b"x", b"", b'"']))
    return b"\n".join(mark.join(cells) for cells in rows)


def add_rows(content: bytes, random: Random) -> bytes:
    """Repeat rows, or add many empty cells or lines."""
    last = content.strip().rpartition(b"\n")[2]
    many = [b"\n" * 10**6, b"," * 10**6, (b"\n" + last) * 10_000, b'"' * 10_001, b"\n" + b'"' + b"x" * 200_000 + b'"']
    return content + random.choice(many)


# arrays


def change_arrays(content: bytes, random: Random) -> bytes:
    """Change an array of a .npz file: its type, its shape or its name. Some are pickled."""
    try:
        with np.load(io.BytesIO(content)) as opened:
            arrays = dict(opened)
    except Exception:
        return content
    name = random.choice(list(arrays))
    if random.random() < 0.1:
        del arrays[name]
    else:
        arrays[name] = _odd_array(random)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    if random.random() < 0.2:  # a header in an archive that claims a huge array
        out = io.BytesIO()
        with ZipFile(out, "w", ZIP_DEFLATED) as archive:
            for key in arrays:
                archive.writestr(f"{key}.npy", write_odd_array(b"", random))
        return out.getvalue()
    return buffer.getvalue()


def write_odd_array(content: bytes, random: Random) -> bytes:
    """Write a .npy file of an odd type or shape, or with a header that claims another."""
    buffer = io.BytesIO()
    if random.random() < 0.5:
        np.save(buffer, _odd_array(random), allow_pickle=True)
        return buffer.getvalue()
    shape = random.choice(["(1000000, 1000000)", "(-1, 8)", "(4, 8", "()", "(4, 8) * 9", "(2147483648,)", "(4, 8, 0)"])
    kind = random.choice(["<f4", "|O", "<U99999999", "float64", "[('a', '<f4')]", "<c16", ">f8", "|V8"])
    header = f"{{'descr': {kind!r}, 'fortran_order': {random.choice([True, False])}, 'shape': {shape}, }}".encode()
    header += b" " * random.choice([0, 20, 60_000]) + b"\n"
    header = header[:65_535]
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(random.choice([0, 128, 4096]))


def _odd_array(random: Random) -> np.ndarray:
    shape = random.choice([(), (0,), (4,), (4, 8), (8, 4), (4, 8, 1), (0, 8), (4, 0), (1, 2_000_000)])
    kind = random.choice(["f4", "f8", "i8", "U5", "S5", "b1", "c16", "O", "M8[s]", "f2", "V4"])
    array = np.zeros(shape, kind)
    if kind == "O":
        array[...] = _Harmful()
    if kind in ("f4", "f8") and array.size:
        array.flat[0] = random.choice([np.nan, np.inf, 1e308])
    return array


def change_tensors(content: bytes, random: Random) -> bytes:
    """Change the header of a .safetensors file, or a tensor's type and shape."""
    try:
        size = struct.unpack("<Q", content[:8])[0]
        header = json.loads(content[8 : 8 + size])
    except (ValueError, struct.error):
        return content
    name = random.choice(list(header))
    how = random.randrange(4)
    if how == 0:
        header = change_value(header, random)
    elif how == 1:
        header[random.choice(["x", LONG, "linear.weight", "\0"])] = header.pop(name)
    elif how == 2 and isinstance(header[name], dict) and "dtype" in header[name]:
        header[name]["dtype"] = random.choice(["F32", "I32", "F16", "BF16", "F64", "BOOL", "F8_E4M3", "X"])
    elif isinstance(header[name], dict) and "shape" in header[name]:
        header[name]["shape"] = random.choice([[], [0], header[name]["shape"][::-1], [2**40], [-1], ["a"]])
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    return struct.pack("<Q", random.choice([len(text)] * 8 + [*SIZES])) + text + content[8 + size :]


def write_odd_parquet(content: bytes, random: Random) -> bytes:
    """Write a Parquet file with columns of odd types, or with far more rows than bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if random.random() < 0.1:
        return _many_rows(random.choice([100_000, 3_000_000]))
    count = random.choice([0, 4, 4, 4])
    kinds: list[Any] = [pa.array([None] * count), pa.array(np.zeros(count)), pa.array(np.full(count, np.nan))]
    kinds += [pa.array(np.zeros(count, "M8[ns]")), pa.array(np.zeros(count, bool))]
    if count:
        kinds += [pa.array([[1, 2]] * count), pa.array([{"a": 1}] * count), pa.array([b"\xff"] * count)]
        kinds += [pa.array([random.choice(TEXTS[:12])] * count), pa.array([10**30] * count, pa.decimal128(38))]
    names = ["path", "identity", "camera", "time", "split", "box"]
    columns = {name: pa.array(["a.png", "b.png", "c.png", "d.png"][:count]) for name in names}
    columns[random.choice(names)] = random.choice(kinds)
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@cache
def _many_rows(count: int) -> bytes:
    """Write a Parquet file whose rows all have the same long texts."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array(["y" * 1000]))
    buffer = io.BytesIO()
    pq.write_table(pa.table({"path": column, "identity": column}), buffer)
    return buffer.getvalue()
