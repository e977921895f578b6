"""Decoding of the names in a zip archive, which may be in any encoding.

A name is UTF-8 if a flag says so, or if the Unicode Path field (0x7075) of Info-ZIP gives it again in UTF-8. Other
names are UTF-8 too if all of them can be decoded. Otherwise they are in the code page of the computer that packed them.
No field tells which, so the most plausible one for all names together is assumed.
"""

import struct
import zlib
from collections.abc import Iterable
from zipfile import ZipInfo

UTF8_FLAG = 0x800
UNICODE_PATH = 0x7075
MAX_SAMPLE = 2_000  # distinct names of files and folders that the choice of a code page looks at
# code pages in the order in which one of two equally plausible ones is chosen
LANGUAGES = {
    "cp437": "Western European, DOS",
    "cp1252": "Western European, Windows",
    "cp932": "Japanese",
    "cp949": "Korean",
    "gb18030": "simplified Chinese",
    "cp950": "traditional Chinese",
}
# most frequent two-byte codes: kana and first level of kanji; Hangul; first level of the Chinese characters
FREQUENT = {
    "cp932": ((0x824F, 0x8396), (0x889F, 0x9872)),
    "cp949": ((0xB0A1, 0xC8FE),),
    "gb18030": ((0xB0A1, 0xD7F9),),
    "cp950": ((0xA440, 0xC67E),),
}
PUNCTUATION = {"cp932": (0x81,), "cp949": (0xA1, 0xA3), "gb18030": (0xA1, 0xA3), "cp950": (0xA1, 0xA2, 0xA3)}
HIGH_TRAILS = ("cp949", "gb18030")  # the second byte of a frequent code is 0xA1 or more
# surnames and words of file names; they decide where Korean and Chinese names are the same bytes
COMMON = {
    "cp932": "人物行写真画像新規フォルダー佐藤鈴木高橋田中伊渡辺山本村小林加",
    "cp949": "사람보행자사진이미지새폴더김박최정강조윤장임한오서신권황안송류홍",
    "gb18030": "行人图片照新建文件夹训练测试数据集张王李刘陈杨赵黄周吴徐孙胡朱高林何郭马罗明小",
    "cp950": "行人圖片照新資料夾訓練測試數據集張王李劉陳楊趙黃周吳徐孫胡朱高林何郭馬羅明小",
}
EUROPEAN = {
    "cp437": set("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜáíóúñÑß"),
    "cp1252": {chr(code) for code in range(0xC0, 0x100)} - set("×÷") | set("ŒœŠšŽžŸ"),
}

VOWELS = set("aeiouyäöü")


def decode_names(entries: Iterable[ZipInfo]) -> tuple[list[str], str]:
    """Decode the names of all entries of an archive.

    Returns:
        The names, and the assumed code page, "" if none had to be assumed.
    """
    names = [_declared_name(entry) for entry in entries]
    raw = [name for name in names if isinstance(name, bytes)]
    page = "" if all(map(_is_utf8, raw)) else _most_plausible(raw)

    def decode(name: str | bytes) -> str:
        if isinstance(name, str):
            return name
        # European letters are UTF-8 by accident almost never, but two bytes of an Asian name often are
        return name.decode("utf-8" if not page or (page in EUROPEAN and _is_utf8(name)) else page)

    return [decode(name).split("\0")[0] for name in names], page


def describe_page(page: str) -> str:
    """Return a code page and its language for the user: `cp932 (Japanese)`."""
    return f"{page} ({LANGUAGES[page]})"


def _declared_name(entry: ZipInfo) -> str | bytes:
    """Return a name whose encoding is known, or the bytes of the name."""
    if entry.flag_bits & UTF8_FLAG:
        return entry.orig_filename
    raw = entry.orig_filename.encode("cp437")  # the code page of zipfile; all bytes are valid in it
    return _unicode_path(entry.extra, raw) or raw


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """Return the name in the Unicode Path field, "" if there is none or if it belongs to another name."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        content, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == UNICODE_PATH and len(content) > 5 and content[:5] == struct.pack("<BI", 1, zlib.crc32(raw)):
            return content[5:].decode() if _is_utf8(content[5:]) else ""
    return ""


def _is_utf8(name: bytes) -> bool:
    return _can_decode(name, "utf-8")


def _can_decode(name: bytes, encoding: str) -> bool:
    try:
        name.decode(encoding)
        return True
    except UnicodeDecodeError:
        return False


def _most_plausible(names: list[bytes]) -> str:
    pages = [page for page in LANGUAGES if all(_can_decode(name, page) for name in names)]
    scores = {page: _plausibility(names, page) for page in pages}
    return max(pages, key=scores.__getitem__)  # the first one of equals


def _plausibility(names: list[bytes], page: str) -> tuple[float, float]:
    """Return two numbers from 0 to 1, the second of which decides if the first are equal."""
    sample: set[str] = set()
    for name in names:
        if page in EUROPEAN and _is_utf8(name):
            continue
        sample.update(piece for piece in name.decode(page).replace("\\", "/").split("/") if not piece.isascii())
        if len(sample) >= MAX_SAMPLE:
            break
    if page in EUROPEAN:
        points = [_is_european(name, place, page) for name in sample for place, c in enumerate(name) if c > "\x7f"]
        return sum(points) / len(points), 0
    characters = [character for name in sample for character in name if character > "\x7f"]
    points = [_is_frequent(character, page) for character in characters]
    return sum(points) / len(points), sum(character in COMMON[page] for character in characters) / len(points)


def _is_european(name: str, place: int, page: str) -> float:
    """Rate a character of a name: 1 for a letter with an accent among letters without one."""
    character, before, after = name[place], name[place - 1 : place], name[place + 1 : place + 2]
    if character not in EUROPEAN[page]:
        return 0
    if character == "ß" and before.lower() not in VOWELS:
        return 0.3  # an "á" of the other code page
    is_alone = (before <= "\x7f" or character == "ß") and (after <= "\x7f" or after == "ß")
    changes_case = character.islower() and after.isupper() or character.isupper() and before.islower()
    return 1 if is_alone and not changes_case else 0.3


def _is_frequent(character: str, page: str) -> float:
    """Rate a character: 1 if it is frequent, 0.5 for punctuation, 0 for a rare one."""
    code = character.encode(page, "replace")
    if len(code) != 2:
        return 0
    number = int.from_bytes(code, "big")
    if any(first <= number <= last for first, last in FREQUENT[page]):
        return 1 if page not in HIGH_TRAILS or code[1] >= 0xA1 else 0
    return 0.5 if code[0] in PUNCTUATION[page] else 0
