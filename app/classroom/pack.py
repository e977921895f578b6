"""Arrays as JavaScript files. A page that is opened from disk may load scripts, but it may not fetch other files."""

import json
import zlib
from collections.abc import Mapping

import numpy as np

BITS = 15  # of a UTF-16 character; base64 would make the files a third larger
FIRST_CHARACTER = 0x4000  # of 2^15 characters without quotes, line ends and surrogates
SCRIPT = '\ufeffreceive("{name}",{length},"{text}")\n'


def pack_script(name: str, arrays: Mapping[str, np.ndarray], about: dict) -> bytes:
    """Write arrays and facts about them as a script, which `unpack.js` reads.

    Args:
        name: The name of the pack.
        arrays: Arrays by name.
        about: Facts that JSON can store.

    Returns:
        The script in UTF-16 with a byte order mark, which browsers follow whatever a server says of the encoding.
    """
    data = compress(_join(arrays, about), text=all(each.dtype == np.uint8 for each in arrays.values()))
    return SCRIPT.format(name=name, length=len(data), text=to_text(data)).encode("utf-16-le")


def compress(data: bytes, text: bool) -> bytes:
    """Compress bytes as a gzip file. Floats repeat by chance only: without `text`, gzip looks for fewer repetitions."""
    strategy = zlib.Z_DEFAULT_STRATEGY if text else zlib.Z_FILTERED
    gzip = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS + 16, zlib.DEF_MEM_LEVEL, strategy)
    return gzip.compress(data) + gzip.flush()


def to_text(data: bytes) -> str:
    """Write bytes as text, 15 bits a character, the first bit being the highest one."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    characters = np.pad(bits, (0, -len(bits) % BITS)).reshape(-1, BITS)
    values = characters @ (1 << np.arange(BITS)[::-1]).astype(np.uint16)
    return (values + FIRST_CHARACTER).astype("<u2").tobytes().decode("utf-16-le")


def smallest(values: np.ndarray) -> np.ndarray:
    """Convert floats to float16 if all of them stay the same, otherwise to float32."""
    half, single = np.asarray(values, np.float16), np.asarray(values, np.float32)
    return half if np.array_equal(half.astype(np.float32), single) else single


def _join(arrays: Mapping[str, np.ndarray], about: dict) -> bytes:
    """Return the length of the header in 4 bytes, the header, and the bytes of the arrays.

    The first bytes of all numbers of an array come first, then the second ones: gzip finds more to compress.
    """
    listed = [{"name": name, "type": each.dtype.name, "shape": each.shape} for name, each in arrays.items()]
    header = json.dumps({"arrays": listed, "about": about}).encode()
    planes = [each.reshape(-1, 1).view(np.uint8).T.tobytes() for each in map(np.ascontiguousarray, arrays.values())]
    return b"".join([len(header).to_bytes(4, "little"), header, *planes])
