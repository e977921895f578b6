"""Malicious, damaged and unusual zip archives."""

import io
import stat
import struct
import zlib
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from conftest import draw_person

from core.data import zip_archive as zips
from core.data.file_names import printable
from core.data.zip_archive import check_zip, safe_relative_path, unpack_zip
from core.errors import UserError, explain_os_error


def image(identity=1) -> bytes:
    file = io.BytesIO()
    draw_person(identity, 1, 0).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def pack(tmp_path):
    def pack(entries, name="images.zip", **options):
        file = tmp_path / name
        with ZipFile(file, "w", **options) as archive:
            for entry, content in entries:
                archive.writestr(entry, content)
        return file

    return pack


def unpacked(file, tmp_path):
    skipped = dict(unpack_zip(file, tmp_path / "out").skipped)
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    return found, skipped


def test_unpacks_images_and_tables_and_lists_skipped_files(pack, tmp_path):
    file = pack(
        [
            ("a/1.png", image()),
            ("a/labels.csv", b"path\n"),
            ("a/notes.txt", b"x"),
            ("empty.png", b""),
            ("more.zip", b"PK"),
            ("more.tar.gz", b"x"),
            ("__MACOSX/a/._1.png", b"x"),
            (".hidden.png", b"x"),
            ("b\\2.PNG", image(2)),
            (f"{'n' * 250}.png", b"x"),
            ("folder/", b""),
        ]
    )
    assert check_zip(file) == 4
    found, skipped = unpacked(file, tmp_path)
    assert found == {"a/1.png", "a/labels.csv", "empty.png", "b/2.PNG"}
    assert (tmp_path / "out/a/1.png").read_bytes() == image()
    assert "not named like an image" in skipped.pop("a/notes.txt")
    assert {"archive inside" in skipped.pop(name) for name in ("more.zip", "more.tar.gz")} == {True}
    assert list(skipped.values()) == ["has a name that is too long"]


def link(name, kind=stat.S_IFLNK):
    entry = ZipInfo(name)
    entry.external_attr = (kind | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "entry, why",
    [
        ("../up.png", "contains '..'"),
        ("a/../../up.png", "contains '..'"),
        ("..\\up.png", "contains '..'"),
        ("/etc/up.png", "absolute"),
        ("\\\\host\\up.png", "absolute"),
        ("C:\\up.png", "absolute"),
        ("c:up.png", "absolute"),
        ("../notes.txt", "contains '..'"),
        (link("a.png"), "link"),
        (link("a.png", stat.S_IFIFO), "device"),
    ],
)
def test_paths_outside_the_folder_and_links_reject_the_archive(pack, tmp_path, entry, why):
    file = pack([("good.png", image()), (entry, image())])
    for function in (check_zip, lambda file: unpack_zip(file, tmp_path / "out")):
        with pytest.raises(UserError, match=f"^images.zip is rejected: .*{why}"):
            function(file)
    assert not [path for path in tmp_path.rglob("*.png")]


def test_zip_bomb_is_rejected_by_its_headers(pack, tmp_path):
    file = pack([(f"{n}.bmp", bytes(10_000_000)) for n in range(3)], compression=ZIP_DEFLATED)
    assert file.stat().st_size < 100_000
    with pytest.raises(UserError, match="more than .* bytes, which is too much for its compressed size"):
        check_zip(file)


def test_zip_bomb_with_wrong_headers_is_stopped_while_writing(pack, tmp_path, monkeypatch):
    file = pack([(f"{n}.bmp", bytes(4_000_000)) for n in range(8)], compression=ZIP_DEFLATED)
    monkeypatch.setattr(zips, "_wanted", lambda archive, file: (all_entries(archive), zips.Unpacked()))
    with pytest.raises(UserError, match="too much for its compressed size"):
        unpack_zip(file, tmp_path / "out")
    written = sum(path.stat().st_size for path in (tmp_path / "out").iterdir())
    assert written <= zips.UNCHECKED_BYTES + zips.MAX_COMPRESSION_RATIO * file.stat().st_size


def all_entries(archive):
    """Skip the check of the headers, so that the written bytes are checked."""
    return [(info, zips.PurePosixPath(info.filename)) for info in archive.infolist()]


def test_too_small_size_in_a_header_gives_a_damaged_entry(pack, tmp_path):
    file = pack([("false_size.bmp", bytes(3_000_000)), ("good.png", image())], compression=ZIP_DEFLATED)
    data = file.read_bytes().replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    file.write_bytes(data)
    found, skipped = unpacked(file, tmp_path)
    assert found == {"good.png"} and skipped == {"false_size.bmp": "is damaged inside the zip"}


def test_too_many_entries_are_counted_before_they_are_read(pack, monkeypatch):
    file = pack([(f"{n}.png", b"") for n in range(6)])
    monkeypatch.setattr(zips, "MAX_FILES", 6)
    assert check_zip(file) == 6
    monkeypatch.setattr(zips, "MAX_FILES", 5)
    monkeypatch.setattr(zips, "ZipFile", None)  # the archive is not opened
    with pytest.raises(UserError, match="more than 5 entries"):
        check_zip(file)


def test_too_large_entry_is_skipped(pack, tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "MAX_FILE_BYTES", 1000)
    found, skipped = unpacked(pack([("big.bmp", bytes(1001)), ("small.bmp", bytes(1000))]), tmp_path)
    assert found == {"small.bmp"} and "the limit is 1,000" in skipped["big.bmp"]


def test_free_disk_space_is_kept(pack, tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "MIN_FREE_BYTES", 2**62)
    with pytest.raises(OSError, match="No space") as caught:  # the archive is not to blame
        unpack_zip(pack([("a.png", image())]), tmp_path / "out")
    assert "not enough free space" in explain_os_error(caught.value)


def test_names_in_any_encoding(pack, tmp_path):
    file = pack([("cafXX.png", image()), ("latin-Z.png", image()), ("grün.png", image())])
    file.write_bytes(file.read_bytes().replace(b"cafXX", "café".encode()).replace(b"latin-Z", b"latin-\xe9"))
    found, skipped = unpacked(file, tmp_path)
    assert found == {"café.png", "latin-é.png", "grün.png"} and not skipped


def pack_raw(tmp_path, names: list[bytes], extra=lambda name: b""):
    """Pack files with names of any bytes, without the flag of UTF-8."""
    file, places = tmp_path / "images.zip", {}
    with ZipFile(file, "w") as archive:
        for number, name in enumerate(names):
            place = chr(ord("A") + number) * len(name)
            places[place.encode()] = name
            entry = ZipInfo(place)
            entry.extra = extra(name)
            archive.writestr(entry, b"1234")
    data = file.read_bytes()
    for place, name in places.items():
        assert data.count(place) == 2  # in the local and in the central header
        data = data.replace(place, name)
    file.write_bytes(data)
    return file


NAMES = {
    "cp932": ["表示/ソース-1.png", "予定/能.png", "田中.png"],  # with the byte of a backslash in 表, ソ and 能
    "gb18030": ["张三/1.png", "李明/1.png", "行人/镜头.png"],
    "cp949": ["김철수/1.png", "홍길동/새 폴더.png"],
    "cp950": ["張三/1.png", "許功蓋/1.png"],  # with the byte of a backslash
    "cp437": ["Müller/1.png", "größe.png", "Ärger/Über.png"],
    "cp1252": ["Müller/1.png", "João/más.png", "Øre.png"],
}


@pytest.mark.parametrize("page", NAMES)
def test_names_of_old_code_pages(tmp_path, page):
    file = pack_raw(tmp_path, [name.encode(page) for name in [*NAMES[page], "plain.png"]])
    unpacked = unpack_zip(file, tmp_path / "out")
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.png")}
    assert found == {*NAMES[page], "plain.png"} and not unpacked.skipped
    [note] = unpacked.notes()
    assert page in note and "not UTF-8" in note


def test_utf8_names_without_the_flag_need_no_code_page(tmp_path):
    names = ["表示/ソース.png", "größe.png", "김철수.png", "张三.png", "a.png"]
    file = pack_raw(tmp_path, [name.encode() for name in names])
    unpacked = unpack_zip(file, tmp_path / "out")
    assert all((tmp_path / "out" / name).is_file() for name in names) and unpacked.notes() == []


def unicode_path(raw: bytes, name: str) -> bytes:
    content = struct.pack("<BI", 1, zlib.crc32(raw)) + name.encode()
    return struct.pack("<HHB", 0x5455, 1, 0) + struct.pack("<HH", 0x7075, len(content)) + content


def test_the_unicode_path_field_wins_if_it_belongs_to_the_name(tmp_path):
    raw = ["予定.png".encode("cp932")]
    file = pack_raw(tmp_path, raw, lambda name: unicode_path(name, "予定/表.png"))
    assert unpacked(file, tmp_path) == ({"予定/表.png"}, {})
    file = pack_raw(tmp_path, raw, lambda name: unicode_path(b"another name", "wrong.png"))
    assert unpack_zip(file, tmp_path / "second").code_page == "cp932"
    assert (tmp_path / "second/予定.png").is_file()
    file = pack_raw(tmp_path, raw, lambda name: unicode_path(name, "../up.png"))
    with pytest.raises(UserError, match="contains '..'"):
        check_zip(file)


def test_every_entry_is_accounted_for(tmp_path):
    names = ["表.png", "表.png", "a/b.png", "a\\b.png", "メモ.txt", ".DS_Store", "__MACOSX/表.png", "a/._b.png"]
    file = pack_raw(tmp_path, [name.encode("cp932") for name in names] + [b"full\\", b"./"])
    unpacked = unpack_zip(file, tmp_path / "out")
    assert sorted(unpacked.skipped) == [
        (".", "has no name"),
        ("a/b.png", "has the same name as another entry"),
        ("full", "is named like a folder, but has content"),
        ("メモ.txt", zips.NOT_AN_IMAGE),
        ("表.png", "has the same name as another entry"),
    ]
    assert unpacked.hidden == 3 and len(list((tmp_path / "out").rglob("*.png"))) == 2


def test_names_for_other_computers_are_kept(pack, tmp_path):
    names = {"12:30.png", "con.png", "what?.png", "end. .png", 'quo"te.png'}
    assert unpacked(pack([(name, image()) for name in names]), tmp_path) == (names, {})


def test_a_name_that_the_file_system_does_not_allow_is_skipped(pack, tmp_path, monkeypatch):
    def refuse(archive, info, target, *rest, write=zips._write):
        if "?" in target.name:
            raise OSError(22, "Invalid argument")
        return write(archive, info, target, *rest)

    monkeypatch.setattr(zips, "_write", refuse)
    found, skipped = unpacked(pack([("a?.png", image()), ("b.png", image())]), tmp_path)
    assert found == {"b.png"} and skipped == {"a?.png": "has a name that this computer does not allow"}


def test_duplicate_names_and_damaged_entries_are_skipped(pack, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = pack([("a.png", image(1)), ("a.png", image(2)), ("a.png/b.png", image(3)), ("c.png", image(4))])
    file.write_bytes(file.read_bytes().replace(image(4), image(4)[:-9] + b"destroyed"))
    found, skipped = unpacked(file, tmp_path)
    assert found == {"a.png"} and (tmp_path / "out/a.png").read_bytes() == image(1)
    assert skipped == {
        "a.png": "has the same name as another entry",
        "a.png/b.png": "has the same name as another entry",
        "c.png": "is damaged inside the zip",
    }


def test_other_files_encrypted_archives_and_other_compression(pack, tmp_path):
    for name, content in (
        ("empty.zip", b""),
        ("text.zip", b"hello"),
        ("cut.zip", pack([("a.png", image())]).read_bytes()[:-30]),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=f"{name} is not a zip file or is damaged"):
            check_zip(tmp_path / name)
    with pytest.raises(UserError, match="There is no zip file"):
        check_zip(tmp_path / "nowhere.zip")
    locked = pack([("a.png", b"x")])
    data = bytearray(locked.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(data)
    with pytest.raises(UserError, match="is encrypted"):
        check_zip(locked)
    found, skipped = unpacked(pack([("a.png", image())], compression=ZIP_BZIP2), tmp_path)
    assert not found and "unsupported compression method" in skipped["a.png"]


def test_shown_names_are_printable():
    assert printable("caf\udce9.png") == "caf\\udce9.png" and printable("grün.png") == "grün.png"
    assert printable("a\n\x1b[31m.png") == "a\\n\\x1b[31m.png"
    assert str(safe_relative_path("a\\./b.png")) == "a/b.png"
