"""CUHK03 (Li et al., CVPR 2014): 1,467 people before five pairs of cameras, with boxes labeled by hand or detected.

It is read as distributed (`cuhk-03.mat`) or as extracted images (`images_labeled`, `images_detected`), which are
named by pair, person, view and slot: `1_001_2_06.png`. An identity is `1_001`; the cameras of pair n are 2n - 1 and 2n,
so the odd ones are camera A. Two protocols divide it: the classic one of the paper, and Zhong et al.'s (CVPR 2017).
"""

import re
from pathlib import Path

import numpy as np

from core.data.cuhk03_mat import BOXES, MAT_NAME, image_names, official_test_sets
from core.data.images import IMAGE_SUFFIXES
from core.data.records import Dataset, Record
from core.data.splits import Split, both_cameras, of_people
from core.errors import UserError

NAME_PATTERN = re.compile(r"([1-5])_(\d{3})_([12])_(0\d|10)\.\w+$")
PUBLISHED_COUNTS = {
    "labeled": (8177, 4337, 649, 510, 423),
    "detected": (8177, 4337, 650, 510, 423),
}  # images of each pair
HELD_OUT_IDENTITIES = 100  # people for testing, and as many for validation
NEW_PROTOCOL = "cuhk03_new_protocol_config_{boxes}.mat"


def find_cuhk03(folder: Path) -> tuple[Path, str] | None:
    """Where the data lie and which boxes are meant, if `folder` is CUHK03: (.mat file or folder of images, boxes).

    `DATA/labeled` and `DATA/detected` name the boxes where DATA holds both; DATA alone means the detected ones.
    """
    wanted = next((boxes for boxes in BOXES if folder.name in (boxes, f"images_{boxes}")), None)
    if wanted and (folder.is_dir() and any(map(_parse, folder.iterdir()))):
        return folder, wanted
    if wanted:
        folder = folder.parent
    if folder.suffix.lower() == ".mat":
        return (folder, wanted or "detected") if folder.is_file() else None
    below = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    for root in (folder, *below):
        for boxes in (wanted,) if wanted else reversed(BOXES):
            if (root / f"images_{boxes}").is_dir():
                return root / f"images_{boxes}", boxes
        if (root / MAT_NAME).is_file():
            return root / MAT_NAME, wanted or "detected"
    return None


def read_cuhk03(source: Path, boxes: str) -> Dataset:
    """The .mat file or a folder of extracted images -> Dataset, whose `pool` a protocol divides.

    No image is opened. Raises UserError if there is none, or if the file is something else.
    """
    if source.is_file():
        paths = [source / boxes / name for name in image_names(source, boxes)]
    else:
        paths = sorted(path for path in source.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    pool = [record for record in map(_parse, paths) if record]
    if not pool:
        raise UserError(f"{source} holds no image named like 1_001_2_06.png (pair, person, view, slot) of CUHK03.")
    notes = []
    if other := len(paths) - len(pool):
        notes.append(f"{other:,} images are not named like CUHK03's and are left out")
    for pair, published in enumerate(PUBLISHED_COUNTS[boxes], start=1):
        found = sum(record.identity[0] == str(pair) for record in pool)
        if found != published:
            notes.append(f"camera pair {pair} has {found:,} images where {published:,} were published")
    mat = source if source.is_file() else source.parent / MAT_NAME
    test_sets = official_test_sets(mat) if mat.is_file() else []
    if not test_sets:
        notes.append(f"the official test sets are in {MAT_NAME}, which is not here: seeded ones are drawn and recorded")
    return Dataset(source.parent, f"cuhk03-{boxes}", pool=pool, test_sets=test_sets, notes=notes)


def classic_split(dataset: Dataset, number: int, pairs: int = 3) -> Split:
    """Split `number` (from 1) of the classic protocol: 100 people to test, 100 to validate, the others to train.

    Test people are the official ones where the data come with them, otherwise drawn with the split's number as the
    seed from the first three pairs' people whom both cameras saw; the validation people always are (they were never
    given out). `pairs` is how many camera pairs are trained on: three (1,160 people, as the paper) or all five.
    """
    seen = both_cameras(record for record in dataset.pool if int(record.identity[0]) <= 3)
    order = np.random.default_rng(number).permutation(seen).tolist()
    if dataset.test_sets:
        test, origin = _official(dataset, number), f"official test set {number}"
    elif len(order) < 3 * HELD_OUT_IDENTITIES:
        raise UserError(
            f"The classic protocol holds out {HELD_OUT_IDENTITIES} people for testing and as many for validation, "
            f"and these data have {len(order)} before camera pairs 1 to 3; CUHK03 has 1,360."
        )
    else:
        test, origin = order[:HELD_OUT_IDENTITIES], f"test people drawn with seed {number}"
    validation = [person for person in order if person not in set(test)][: min(HELD_OUT_IDENTITIES, len(order) // 3)]
    used = [record for record in dataset.pool if int(record.identity[0]) <= pairs]
    held_out = {*test, *validation}
    tested = of_people(used, test)
    return Split(
        number,
        origin,
        train=[record for record in used if record.identity not in held_out],
        validation=of_people(used, validation),
        query=[record for record in tested if record.camera % 2 == 1],
        gallery=[record for record in tested if record.camera % 2 == 0],
    )


def _official(dataset: Dataset, number: int) -> list[str]:
    """The people of an official test set, which are of the first three pairs (the authors' evaluation counts on it)."""
    if number > len(dataset.test_sets):
        raise UserError(f"{MAT_NAME} has {len(dataset.test_sets)} test sets, and split {number} was asked for.")
    test = dataset.test_sets[number - 1]
    people = {record.identity for record in dataset.pool if int(record.identity[0]) <= 3}
    if missing := sorted(set(test) - people):
        raise UserError(
            f"Test set {number} of {MAT_NAME} names people whom camera pairs 1 to 3 did not see, e.g. "
            f"{missing[0]}: it is not the data set's own."
        )
    return test


def all_pairs_split(dataset: Dataset, number: int) -> Split:
    """The classic protocol trained on all five pairs, as toolboxes do; the test people are the same."""
    return classic_split(dataset, number, pairs=5)


def new_protocol_split(dataset: Dataset, number: int = 1) -> Split:
    """Zhong et al.'s 767 people to train and 700 to test, from their .mat file beside the data."""
    boxes = dataset.layout.removeprefix("cuhk03-")
    name = NEW_PROTOCOL.format(boxes=boxes)
    file = next((path for path in (dataset.root / name, dataset.root.parent / name) if path.is_file()), None)
    if not file:
        raise UserError(
            f"The new protocol needs {name} beside the data, in {dataset.root}; it comes "
            "with the code of Zhong et al., Re-ranking Person Re-identification (CVPR 2017)."
        )
    lists = _read_lists(file)
    records = {record.path.stem: record for record in dataset.pool}
    if missing := [stem for stems in lists.values() for stem in stems if stem not in records]:
        raise UserError(
            f"{file.name} names {len(missing):,} images that are not among the {boxes} ones, e.g. "
            f"{missing[0]}; is it the file of the other boxes?"
        )
    train, query, gallery = ([records[stem] for stem in lists[part]] for part in ("train", "query", "gallery"))
    return Split(1, f"lists of {file.name}", train=train, validation=[], query=query, gallery=gallery)


def _read_lists(file: Path) -> dict[str, list[str]]:
    """The stems of the images of each part."""
    from scipy.io import loadmat  # a fifth of a second, for this one protocol

    try:
        content = loadmat(file, variable_names=["filelist", "train_idx", "query_idx", "gallery_idx"])
    except NotImplementedError:
        raise UserError(f"{file} is a MATLAB 7.3 file like {MAT_NAME}, and no split of the new protocol.") from None
    except Exception as error:  # scipy raises a dozen kinds on what is no .mat file
        raise UserError(f"{file} cannot be read as a .mat file ({error}); download it again.") from None
    if absent := [key for key in ("filelist", "train_idx", "query_idx", "gallery_idx") if key not in content]:
        raise UserError(f"{file} has no {absent[0]}: it is the split of another protocol.")
    stems = np.array([Path(str(np.ravel(entry)[0])).stem for entry in np.ravel(content["filelist"])])
    return {
        part: stems[np.ravel(content[f"{part}_idx"]).astype(int) - 1].tolist() for part in ("train", "query", "gallery")
    }


def _parse(path: Path) -> Record | None:
    if match := NAME_PATTERN.match(path.name):
        pair, person, view = match[1], match[2], int(match[3])
        return Record(path, f"{pair}_{person}", 2 * (int(pair) - 1) + view)
    return None
