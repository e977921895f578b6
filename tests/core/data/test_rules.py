"""Rules: dataset.toml, tables, guesses, and what is refused."""

from pathlib import Path

import pytest

from core.data.addresses import absolute_address, add_rules, split_address
from core.data.datasets import UnknownLayout, read_dataset
from core.data.inspection import find_examples, find_warnings, sample_identities
from core.data.probe_division import count_without_match
from core.data.records import DISTRACTOR, FLAT, PARTS, Dataset, Record
from core.data.rule_files import read_rules, write_rules
from core.data.written_rules import write_own_rules
from core.errors import UserError

MARKET_PARTS = ("bounding_box_train", "query", "bounding_box_test")
KIOSK = ["kiosk-01/p0042__cam-b__000123.png", "kiosk-01/p0042__cam-a__000124.png", "kiosk-02/p0007__cam-a__000001.png"]
PATTERN = r"kiosk-\d+/p(?P<identity>\d+)__cam-(?P<camera>[a-z])__(?P<time>\d+)\.png"


def write_files(root: Path, names) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def write_toml(root: Path, text: str, name: str = "dataset.toml") -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
    return root / name


def labels(records: list[Record]) -> list[tuple]:
    return [(record.identity, record.camera, record.time) for record in records]


def test_a_pattern_names_identity_camera_and_time(tmp_path):
    root = write_files(tmp_path / "shots", KIOSK)
    file = write_toml(tmp_path, f"[[images]]\npattern = '{PATTERN}'\n", "mine.toml")
    dataset = read_dataset(root, file)
    assert labels(dataset.train) == [("0042", 1, 124.0), ("0042", 2, 123.0), ("0007", 1, 1.0)]
    assert dataset.undivided and dataset.name == "shots" and dataset.layout == "rules"
    assert read_dataset(dataset.source) == dataset  # its path has the rules in it
    write_toml(root, f"name = 'kiosk'\n[[images]]\nsplit = 'gallery'\npattern = '{PATTERN}'\n")
    by_folder = read_dataset(root)
    assert labels(by_folder.gallery) == labels(dataset.train) and by_folder.name == "kiosk"
    assert read_dataset(root / "dataset.toml").gallery == by_folder.gallery


def test_with_one_image_of_each_identity_and_camera_all_images_are_the_gallery(tmp_path):
    files = ["ann/c1_0.png", "ann/c2_0.png", "bob/c1_0.png"]
    alone = read_dataset(write_files(tmp_path / "alone", files))
    assert alone.query == alone.gallery == alone.train and len(alone.train) == 3
    assert (
        "evaluation: the first image of each identity and camera is a probe, all images are the gallery" in alone.notes
    )
    more = read_dataset(write_files(tmp_path / "more", [*files, "ann/c1_1.png"]))
    assert len(more.query) == 3 and [one.path.name for one in more.gallery] == ["c1_1.png"]
    assert (
        "evaluation: the first image of each identity and camera is a probe, the others are the gallery" in more.notes
    )


def test_the_rules_in_a_folder_come_before_the_layout_of_cuhk03(tmp_path):
    root = write_files(tmp_path, ["images_detected/1_001_1_01.png", "images_detected/1_001_2_06.png"])
    assert read_dataset(root).layout == "cuhk03-detected"
    write_toml(root, "[[images]]\nsplit = 'gallery'\npattern = '.*/1_(?P<identity>\\d+)_(?P<camera>\\d)_.*'\n")
    assert labels(read_dataset(root).gallery) == [("001", 1, None), ("001", 2, None)]


def test_a_camera_below_the_first_one_is_refused(tmp_path):
    root = write_files(tmp_path, ["ann/c0.png", "ann/c1.png"])
    pattern = r"(?P<identity>[^/]+)/(?:s(?P<scene>\d))?c(?P<camera>\d)\.png"
    write_toml(root, f"[cameras]\nfirst = 1\n[[images]]\npattern = '{pattern}'\n")
    sentence = r"ann/c0.png has camera 0, but `first` of \[cameras\] is 1; write `first = 0`"
    with pytest.raises(UserError, match=sentence):
        read_dataset(root)
    write_files(root, ["ann/s1c1.png"])
    with pytest.raises(UserError, match=sentence):
        read_dataset(root)


def test_no_camera_of_a_scene_is_unknown(tmp_path):
    root = write_files(tmp_path, ["ann/s0c0.png", "ann/s0c1.png", "ann/s1c0.png"])
    write_toml(root, "[[images]]\npattern = '(?P<identity>[^/]+)/s(?P<scene>\\d)c(?P<camera>\\d).png'\n")
    assert [record.camera for record in read_dataset(root).train] == [1, 2, 101]


def test_folder_levels_name_their_meanings(tmp_path):
    root = write_files(
        tmp_path, ["train/ann/c2_a.jpg", "query/bob/c0_a.jpg", "gallery/bob/c1_a.jpg", "val/eve/c1_a.jpg"]
    )
    write_toml(
        root,
        "[cameras]\nfirst = 0\n[[images]]\nfolders = ['split', 'identity']\nname = 'c(?P<camera>\\d+)_.*'\n",
    )
    dataset = read_dataset(root)
    parts = {part: labels(getattr(dataset, part)) for part in ("train", "validation", "query", "gallery")}
    assert parts == {
        "train": [("ann", 3, None)],
        "validation": [("eve", 2, None)],
        "query": [("bob", 1, None)],
        "gallery": [("bob", 2, None)],
    }
    assert "cameras count from 0; they are numbered from 1 here" in dataset.notes


def test_junk_distractors_prefixes_places_and_fixed_cameras(tmp_path):
    names = ["query/1_2.png", "gallery/1_3.png", "gallery/9_1.png", "gallery/0_1.png", "more/1.png", "other/x.png"]
    root = write_files(tmp_path, names)
    write_toml(
        root,
        """
        distractors = ["0"]
        [cameras]
        places = [[2, 3]]
        [[images]]
        split = "probe"
        pattern = 'query/(?P<identity>\\d+)_(?P<camera>\\d)\\.png'
        [[images]]
        split = "gallery"
        junk = ["9"]
        pattern = 'gallery/(?P<identity>\\d+)_(?P<camera>\\d)\\.png'
        [[images]]
        split = "gallery"
        camera = 7
        identity_prefix = "m"
        pattern = 'more/(?P<identity>\\d+)\\.png'
        [[images]]
        split = "skip"
        pattern = 'other/.*'
        """,
    )
    dataset = read_dataset(root)
    assert labels(dataset.gallery) == [(DISTRACTOR, 1, None), ("1", 3, None), ("m1", 7, None)]
    assert dataset.query[0].viewpoint == dataset.gallery[1].viewpoint == 2  # one place
    assert dataset.gallery[2].viewpoint == 7
    assert "1 junk image in gallery skipped" in dataset.notes
    assert "the rules skip 1 image in other" in dataset.notes


def test_a_list_divides_the_files(tmp_path):
    root = write_files(tmp_path, ["pool/1_a.png", "pool/1_b.png", "pool/2 x.png", "pool/3 v1.0 b/c.JPG"])
    (root / "probes.txt").write_text("./1_a.png 1\n2 x.png,2\n3 v1.0 b/c.JPG 3\n")
    pattern = r"pattern = 'pool/(?P<identity>\d).*'"
    write_toml(
        root,
        f"[[images]]\nsplit = 'probe'\nlist = 'probes.txt'\nbelow = 'pool'\n{pattern}\n"
        f"[[images]]\nsplit = 'gallery'\n{pattern}\n",
    )
    dataset = read_dataset(root)
    assert [record.path.name for record in dataset.query] == ["1_a.png", "2 x.png", "c.JPG"]
    assert [record.path.name for record in dataset.gallery] == ["1_b.png"]


TABLE = "path,pid,cam,split\na.png,0007,c1,probe\nb.png,0007,c2,gallery\nc.png,-1,c2,gallery\nd.png,0000,c1,gallery\n"


def test_a_table_describes_a_data_set(tmp_path):
    root = write_files(tmp_path / "images", ["a.png", "b.png", "c.png", "d.png", "e.png"])
    (tmp_path / "labels.csv").write_text(TABLE)
    dataset = read_dataset(root, tmp_path / "labels.csv")
    assert labels(dataset.query) == [("0007", 1, None)]
    assert labels(dataset.gallery) == [("0007", 2, None), ("-1", 2, None), ("0000", 1, None)]
    assert "1 image is not in labels.csv and skipped" in dataset.notes
    assert "An identity is called '-1'. If this means junk or unknown, say it in the rules." in find_warnings(dataset)
    assert read_dataset(dataset.source) == dataset
    rules = "root = 'images'\ntable = 'labels.csv'\njunk = ['-1']\ndistractors = ['0000']\n"
    by_rules = read_dataset(write_toml(tmp_path, rules))
    assert labels(by_rules.gallery) == [("0007", 2, None), (DISTRACTOR, 1, None)]
    (root / "labels.csv").write_text(TABLE)
    assert read_dataset(root / "labels.csv").query == dataset.query


def test_a_table_equals_a_preset(market, tmp_path):
    by_preset = read_dataset(market)
    rows = ["path,identity,camera,split"]
    for split, records in (("train", by_preset.train), ("probe", by_preset.query), ("gallery", by_preset.gallery)):
        rows += [f"{r.path.relative_to(market)},{r.identity},{r.camera},{split}" for r in records]
    (tmp_path / "market.csv").write_text("\n".join(rows))
    by_table = read_dataset(market, tmp_path / "market.csv")
    assert (by_table.train, by_table.query, by_table.gallery) == (by_preset.train, by_preset.query, by_preset.gallery)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("", "needs either groups of files"),
        ("table = 'a.csv'\n[[images]]\npattern = '(?P<identity>.)'", "needs either groups of files"),
        ("images = [", "not valid TOML"),
        ("colour = 1", "unknown key 'colour'"),
        ("[cameras]\nlast = 1", "unknown key 'last'"),
        ("images = 'x'", "images is 'x', which is not a list"),
        ("[[images]]\npattern = '('", "not a valid regular expression"),
        (r"[[images]]\npattern = '\\d+'".replace("\\n", "\n"), "no group `identity`"),
        ("[[images]]\npattern = '(?P<person>.)'", "group 'person' is unknown"),
        ("[[images]]\nsplit = 'test'", "needs either `pattern` or `folders`"),
        ("[[images]]\nfolders = ['who']", "folder level 'who' is unknown"),
        ("[[images]]\nfolders = ['identity', 'identity']", "two folder levels are called 'identity'"),
        ("[[images]]\nsplit = 'exam'\nfolders = ['identity']", "the split is 'exam'"),
        ("[[images]]\nsplit = 'test'\nfolders = ['identity', 'split']", "two splits"),
        (
            "name = 'station/north'\n[[images]]\nfolders = ['identity']",
            "cannot be called 'station/north'; omit /",
        ),
        ("match = 'colour'\ntable = 'a.csv'", 'use "path" or "name"'),
    ],
)
def test_rules_that_cannot_be_used_are_refused_with_one_sentence(tmp_path, text, sentence):
    file = write_toml(tmp_path, text)
    with pytest.raises(UserError, match=sentence) as raised:
        read_rules(file)
    assert str(file) in str(raised.value)


def test_rules_that_fit_no_image_show_one(tmp_path):
    root = write_files(tmp_path, ["a/1.png"])
    write_toml(root, r"[[images]]" "\n" r"pattern = 'b/(?P<identity>\d)\.png'")
    with pytest.raises(UserError, match="No image in .* fits the rules .*: its 1 images, e.g. a/1.png"):
        read_dataset(root)


def test_unknown_splits_are_named(tmp_path):
    root = write_files(tmp_path, ["monday/ann/1.png"])
    write_toml(root, "[[images]]\nfolders = ['split', 'identity']")
    with pytest.raises(UserError, match="monday/ann/1.png: the split is 'monday'"):
        read_dataset(root)


@pytest.mark.parametrize(
    "names, said",
    [
        (["train/ann/1.png", "test/bob/1.png"], "test/bob/1.png has identity bob, split test"),
        (["cam1/ann/1.png", "cam2/ann/1.png"], "cam1/ann/1.png has identity ann, camera cam1"),
        (["train/0001_x.png", "test/0002_x.png"], "identity 000"),
        (["site/ann/1.png"], "site/ann/1.png has identity ann"),
    ],
)
def test_a_guess_is_shown_and_must_be_accepted(tmp_path, names, said):
    root = write_files(tmp_path / "data", names)
    with pytest.raises(UnknownLayout, match=said) as raised:
        read_dataset(root)
    assert "accept the guess with --yes" in str(raised.value)
    dataset = read_dataset(root, "guess")
    assert dataset == read_dataset(dataset.source) and split_address(dataset.source)[1] == "guess"
    write_rules(raised.value.guess, root / "dataset.toml")
    by_rules = read_dataset(root)
    assert (by_rules.train, by_rules.query) == (dataset.train, dataset.query)


def test_a_known_layout_is_no_guess(tmp_path):
    root = write_files(tmp_path / "images_labeled", ["1_001_1_01.png", "1_001_2_06.png"])
    assert read_dataset(root, "guess") == read_dataset(root) and read_dataset(root).layout == "cuhk03-labeled"
    root = write_files(tmp_path / "own", ["train/x7.png"])
    write_toml(root, "[[images]]\npattern = 'train/x(?P<identity>\\d).png'")
    assert read_dataset(root, "guess") == read_dataset(root) and read_dataset(root).train[0].identity == "7"


def test_without_any_number_nothing_is_guessed(tmp_path):
    root = write_files(tmp_path, ["train/ann.png", "test/bob.png"])
    with pytest.raises(UnknownLayout) as raised:
        read_dataset(root)
    assert raised.value.guess is None and "--yes" not in str(raised.value) and "--rules" in str(raised.value)


def test_one_folder_per_identity_is_certain(tmp_path):
    root = write_files(tmp_path, ["query/a.png", "ann/c2024-05-01.png", "ann/cam2_1.png"])
    dataset = read_dataset(root)
    assert sorted(labels(dataset.train)) == [("ann", 0, None), ("ann", 2, None), ("query", 0, None)]
    assert "An identity is called 'query'" in " ".join(find_warnings(dataset))


def test_photographs_in_one_folder_are_unlabelled(tmp_path):
    dataset = read_dataset(write_files(tmp_path, ["a.png", "b.png"]))
    assert dataset.layout == FLAT and labels(dataset.gallery) == [("", 0, None)] * 2


def test_absolute_addresses(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("c++ work", "a"):
        (tmp_path / name).mkdir()
    assert absolute_address("c++ work") == str(tmp_path / "c++ work")
    assert absolute_address("c++ work::msmt17++a") == f"{tmp_path / 'c++ work'}::msmt17++{tmp_path / 'a'}"


def test_addresses(tmp_path):
    assert add_rules("data", "") == Path("data")
    assert split_address(add_rules("data", "msmt17")) == (Path("data"), "msmt17")
    folder, rules = split_address(add_rules("data", "a/b.toml"))
    assert folder == Path("data") and Path(rules).is_absolute()


@pytest.mark.parametrize("name", ["c++ work/people", "a::b", "x++y++z", "c++::d"])
def test_marks_in_the_names_of_folders_do_not_divide_a_path(name, tmp_path):
    root = write_files(tmp_path / name, [f"{who}/c1_0.png" for who in "abcd"])
    other = write_files(tmp_path / "other", [f"{who}/c1_0.png" for who in "abcd"])
    assert labels(read_dataset(root).train) == [(who, 1, None) for who in "abcd"]
    for rules in (
        write_toml(root, '[[images]]\nfolders = ["identity"]\n', "mine.toml"),
        write_toml(tmp_path, '[[images]]\nfolders = ["identity"]\n', "mine.toml"),
    ):
        dataset = read_dataset(add_rules(root, rules))
        assert labels(dataset.train) == [(who, 0, None) for who in "abcd"]
        assert read_dataset(dataset.source) == dataset
        for address in (f"{add_rules(root, rules)}++{other}", f"{other}++{add_rules(root, rules)}"):
            both = read_dataset(address)
            assert sorted({record.camera for record in both.train}) == [0, 1]
            assert read_dataset(both.source) == both


def record(identity: str, camera: int, name: str = "x.png", place: tuple[int, ...] = ()) -> Record:
    return Record(Path(name), identity, camera, place=place)


def without_match(dataset: Dataset) -> int:
    return count_without_match(dataset.query, dataset.gallery)


def test_warnings():
    def warned(**parts) -> str:
        return " ".join(find_warnings(Dataset(Path("data"), "rules", **parts)))

    assert "only two identities: a and b" in warned(gallery=[record("a", 1), record("b", 2)])
    assert "only one camera: 1" in warned(gallery=[record("a", 1), record("b", 1), record("c", 1)])
    assert "No image has a camera" in warned(gallery=[record("a", 0)])
    both = warned(train=[record("a", 1)], query=[record("a", 1)], gallery=[record("a", 2)])
    assert "1 identity is in both the training and the test, e.g. a" in both
    assert "no true match" not in both
    alone = Dataset(Path("data"), "rules", query=[record("a", 1), record("b", 1)], gallery=[record("a", 1)])
    assert without_match(alone) == 2 and "2 of 2 probes have no true match" in " ".join(find_warnings(alone))
    placed = Dataset(Path("d"), "rules", query=[record("a", 1, place=(1, 2))], gallery=[record("a", 2, place=(1, 2))])
    assert without_match(placed) == 1  # the two cameras are one place
    unknown = Dataset(Path("d"), "rules", query=[record("a", 0)], gallery=[record("a", 0)])
    assert without_match(unknown) == 1  # the probe itself
    other = Dataset(Path("d"), "rules", query=[record("a", 0)], gallery=[record("a", 0, "y.png")])
    assert without_match(other) == 0


def test_examples_show_different_identities_and_cameras():
    images = [record(identity, camera, f"{identity}{camera}.png") for identity in "abc" for camera in (1, 1, 2)]
    dataset = Dataset(Path(), "rules", train=images, gallery=images[:3])
    examples = find_examples(dataset, 4)
    assert [(one.part, one.record.identity) for one in examples] == [
        ("train", "a"),
        ("train", "b"),
        ("gallery", "a"),
        ("gallery", "a"),
    ]
    assert [one.camera for one in sample_identities(dataset, 1, 2)["a"]] == [1, 2]


def test_the_rules_of_a_known_layout_can_be_written_and_edited(tmp_path, market):
    dataset = read_dataset(market)
    write_own_rules(dataset, tmp_path / "market.toml")
    again = read_dataset(market, tmp_path / "market.toml")
    assert (again.train, again.query, again.gallery) == (dataset.train, dataset.query, dataset.gallery)
    root = write_files(tmp_path / "folders", ["ann/1.png", "bob/1.png", "loose.png"])
    write_own_rules(read_dataset(root), root / "dataset.toml")
    assert labels(read_dataset(root).train) == [("ann", 0, None), ("bob", 0, None)]
    with pytest.raises(UserError, match="flat folder has no rules to write"):
        write_own_rules(read_dataset(write_files(tmp_path / "flat", ["a.png"])), tmp_path / "x.toml")


FOLDERS_WITH_CAMERAS = [f"{who}/c{camera}_{n}.png" for who in ("ann", "bob") for camera in (1, 2) for n in (0, 1)]
MARKET_BELOW = [f"Market-1501/{part}/0001_c{camera}s1_000001_00.jpg" for part in MARKET_PARTS for camera in (1, 2)]
VIPER = [f"VIPeR/cam_{camera}/{number:03d}_0.bmp" for camera in "ab" for number in range(4)]


@pytest.mark.parametrize("names", [FOLDERS_WITH_CAMERAS, [*FOLDERS_WITH_CAMERAS, "loose.png"], MARKET_BELOW, VIPER])
@pytest.mark.parametrize("place", ["data/dataset.toml", "rules.toml"])
def test_written_rules_read_the_same_records(names, place, tmp_path):
    root, file = write_files(tmp_path / "data", names), tmp_path / place
    before = read_dataset(root)
    write_own_rules(before, file)
    for after in (read_dataset(root, "" if file.parent == root else file), read_dataset(file)):
        assert all(getattr(after, part) == getattr(before, part) for part in PARTS)
        assert after == read_dataset(after.source)


@pytest.mark.parametrize("content", ["root = 'shots'", "table = 'labels.csv'\nroot = 'shots'"])
def test_own_rules_written_elsewhere_read_the_same_records(content, tmp_path):
    write_files(tmp_path / "shots", ["train/ann/c1.png", "train/bob/c2.png"])
    (tmp_path / "labels.csv").write_text("path,identity\ntrain/ann/c1.png,ann\n")
    images = "" if "table" in content else '\n[[images]]\nfolders = ["split", "identity"]\n'
    before = read_dataset(write_toml(tmp_path, content + images, "mine.toml"))
    (tmp_path / "copies").mkdir()
    write_own_rules(before, tmp_path / "copies/mine.toml")
    assert read_dataset(tmp_path / "copies/mine.toml").train == before.train


def test_a_folder_given_with_rules_counts_unless_the_root_of_the_rules_is_inside(tmp_path):
    write_files(tmp_path / "all/shots", ["ann/1.png"])
    other = write_files(tmp_path / "other", ["bob/1.png"])
    file = write_toml(tmp_path, "root = 'all/shots'\n[[images]]\nfolders = ['identity']\n", "rules.toml")
    assert [record.identity for record in read_dataset(tmp_path / "all", file).train] == ["ann"]
    assert [record.identity for record in read_dataset(other, file).train] == ["bob"]
