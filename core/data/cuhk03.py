"""Layout and splits of CUHK03 (Li et al., CVPR 2014): 1,467 identities and five pairs of cameras.

The boxes of the people are labeled by hand or detected by a program. The data set is read as distributed
(`cuhk-03.mat`) or as extracted images (`images_labeled`, `images_detected`). A file name gives the camera pair, the
person, the view and the slot, for example `1_001_2_06.png`. The identity of this image is `1_001`. The cameras of pair
n have the numbers 2n - 1 (camera A) and 2n (camera B).

Two protocols split the data set: the classic protocol, which the paper uses, and the new protocol of Zhong et al.
(CVPR 2017).
"""

import re
from pathlib import Path

import numpy as np

from core.data.cuhk03_lists import read_lists
from core.data.cuhk03_mat import BOXES, MAT_NAME, image_names, official_test_sets
from core.data.images import IMAGE_SUFFIXES
from core.data.records import Dataset, Record
from core.data.splits import Split, find_identities_of_several_cameras, select_identities
from core.errors import UserError

NAME_PATTERN = re.compile(r"([1-5])_(\d{3})_([12])_(0\d|10)\.\w+$")
PUBLISHED_COUNTS = {
    "labeled": (8177, 4337, 649, 510, 423),
    "detected": (8177, 4337, 650, 510, 423),
}  # images of each pair
HELD_OUT_IDENTITIES = 100  # test identities; also the number of validation identities
NEW_PROTOCOL = "cuhk03_new_protocol_config_{boxes}.mat"


def find_cuhk03(folder: Path) -> tuple[Path, str] | None:
    """Find CUHK03 in a folder.

    Args:
        folder: A .mat file, a folder of CUHK03, or the folder above it. `DATA/labeled` and `DATA/detected` select the
            boxes if DATA has both. DATA alone stands for the detected boxes.

    Returns:
        The .mat file or the folder of images, and the boxes, "labeled" or "detected". None if `folder` is not CUHK03.
    """
    wanted = next((boxes for boxes in BOXES if folder.name in (boxes, f"images_{boxes}")), None)
    if wanted and _has_images(folder):
        return folder, wanted
    if wanted:
        folder = folder.parent
    if folder.suffix.lower() == ".mat":
        return (folder, wanted or "detected") if folder.is_file() else None
    below = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    for root in (folder, *below):
        for boxes in (wanted,) if wanted else reversed(BOXES):
            if _has_images(root / f"images_{boxes}"):
                return root / f"images_{boxes}", boxes
        if (root / MAT_NAME).is_file():
            return root / MAT_NAME, wanted or "detected"
    return None


def _has_images(folder: Path) -> bool:
    return folder.is_dir() and any(map(_parse, folder.iterdir()))


def read_cuhk03(source: Path, boxes: str) -> Dataset:
    """Read CUHK03. No image is opened.

    Args:
        source: The .mat file or a folder of extracted images.
        boxes: "labeled" or "detected".

    Returns:
        A Dataset with all images in `pool`. A protocol splits them.

    Raises:
        UserError: If there is no image, or if the file is not CUHK03's.
    """
    if source.is_file():
        paths = [source / boxes / name for name in image_names(source, boxes)]
    else:
        paths = sorted(path for path in source.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    pool = [record for record in map(_parse, paths) if record]
    if not pool:
        raise UserError(f"{source} has no image that is named like CUHK03's 1_001_2_06.png (pair, person, view, slot).")
    notes = []
    if other := len(paths) - len(pool):
        notes.append(f"{other:,} images are not named like CUHK03's and are skipped")
    for pair, published in enumerate(PUBLISHED_COUNTS[boxes], start=1):
        found = sum(record.identity[0] == str(pair) for record in pool)
        if found != published:
            notes.append(f"camera pair {pair} has {found:,} images; {published:,} were published")
    mat = source if source.is_file() else source.parent / MAT_NAME
    test_sets = official_test_sets(mat) if mat.is_file() else []
    if not test_sets:
        notes.append(
            f"{MAT_NAME} with the official test sets is missing; test identities are drawn with a seed and recorded"
        )
    return Dataset(source.parent, f"cuhk03-{boxes}", pool=pool, test_sets=test_sets, notes=notes)


def classic_split(dataset: Dataset, number: int, pairs: int = 3) -> Split:
    """Make a split of the classic protocol: 100 test identities, 100 validation identities, the others for training.

    The test identities are the official ones if the data set has them. Otherwise they are drawn at random. The
    validation identities are always drawn, because official ones were never published. Identities are drawn from those
    that both cameras of pairs 1 to 3 have seen, with the split's number as the seed.

    Args:
        dataset: CUHK03.
        number: Number of the split, from 1.
        pairs: Number of camera pairs to train on: three (1,160 training identities, as in the paper) or all five.

    Raises:
        UserError: If there are too few identities, if the data set has pair 1 only, or if the official test set is
            missing or does not fit the data.
    """
    seen = _identities_of_both_cameras(dataset, 3)
    if has_pair_1_only(dataset):
        raise UserError(
            "The classic protocol needs the camera pairs 1 to 3. This data set has pair 1 only. Use the protocol "
            "cuhk03-pair1, which divides its identities in the same way."
        )
    order = np.random.default_rng(number).permutation(seen).tolist()
    if dataset.test_sets:
        test, origin = _official(dataset, number), f"official test set {number}"
    elif len(order) < 3 * HELD_OUT_IDENTITIES:
        raise UserError(
            f"The classic protocol needs {HELD_OUT_IDENTITIES} identities each for test, validation and training. "
            f"This data set has {len(order)} of camera pairs 1 to 3; CUHK03 has 1,360."
        )
    else:
        test, origin = order[:HELD_OUT_IDENTITIES], f"test people drawn with seed {number}"
    validation = [identity for identity in order if identity not in set(test)][
        : min(HELD_OUT_IDENTITIES, len(order) // 3)
    ]
    return _split(dataset, number, origin, pairs, test, validation)


def pair_1_split(dataset: Dataset, number: int) -> Split:
    """Make a split of the identities of camera pair 1: 100 for the test, 100 for validation, 643 for training.

    The identities are drawn as in the classic protocol, with the split's number as the seed. The labeled and the
    detected boxes have the same identities in pair 1, so both have the same splits. Official test sets are not used:
    they have identities of all three pairs.

    Raises:
        UserError: If there are too few identities.
    """
    order = np.random.default_rng(number).permutation(_identities_of_both_cameras(dataset, 1)).tolist()
    if len(order) < 3 * HELD_OUT_IDENTITIES:
        raise UserError(
            f"The protocol cuhk03-pair1 needs {HELD_OUT_IDENTITIES} identities each for test, validation and training. "
            f"This data set has {len(order)} of camera pair 1; CUHK03 has 843."
        )
    test, validation = order[:HELD_OUT_IDENTITIES], order[HELD_OUT_IDENTITIES : 2 * HELD_OUT_IDENTITIES]
    return _split(dataset, number, f"test people of pair 1 drawn with seed {number}", 1, test, validation)


def has_pair_1_only(dataset: Dataset) -> bool:
    """Return whether CUHK03 lacks the camera pairs 2 to 5."""
    return not dataset.test_sets and all(record.identity[0] == "1" for record in dataset.pool)


def _identities_of_both_cameras(dataset: Dataset, pairs: int) -> list[str]:
    """List the identities of the first camera pairs that both cameras have seen, sorted."""
    return find_identities_of_several_cameras(record for record in dataset.pool if int(record.identity[0]) <= pairs)


def _split(dataset: Dataset, number: int, origin: str, pairs: int, test: list[str], validation: list[str]) -> Split:
    """Return a split whose training identities are the others of the first camera pairs."""
    used = [record for record in dataset.pool if int(record.identity[0]) <= pairs]
    held_out = {*test, *validation}
    tested = select_identities(used, test)
    return Split(
        number,
        origin,
        train=[record for record in used if record.identity not in held_out],
        validation=select_identities(used, validation),
        query=[record for record in tested if record.camera % 2 == 1],
        gallery=[record for record in tested if record.camera % 2 == 0],
    )


def _official(dataset: Dataset, number: int) -> list[str]:
    """Return the identities of an official test set.

    All must be of camera pairs 1 to 3, because the authors' evaluation expects it.
    """
    if number > len(dataset.test_sets):
        raise UserError(f"There is no split {number}: {MAT_NAME} has {len(dataset.test_sets)} test sets.")
    test = dataset.test_sets[number - 1]
    known = {record.identity for record in dataset.pool if int(record.identity[0]) <= 3}
    if missing := sorted(set(test) - known):
        raise UserError(
            f"Test set {number} of {MAT_NAME} has identities that camera pairs 1 to 3 have not seen, e.g. "
            f"{missing[0]}. It does not belong to this data set."
        )
    return test


def all_pairs_split(dataset: Dataset, number: int) -> Split:
    """Make a split of the classic protocol that trains on all five camera pairs, as other toolboxes do.

    The test identities are the same as those of `classic_split`.
    """
    return classic_split(dataset, number, pairs=5)


def new_protocol_split(dataset: Dataset, number: int = 1) -> Split:
    """Make the split of the new protocol: 767 training identities and 700 test identities.

    The split is read from the .mat file of Zhong et al. (CVPR 2017), in the folder of the data set or the folder above.

    Raises:
        UserError: If the file is missing, is of another protocol, or does not fit the images.
    """
    boxes = dataset.layout.removeprefix("cuhk03-")
    name = NEW_PROTOCOL.format(boxes=boxes)
    file = next((path for path in (dataset.root / name, dataset.root.parent / name) if path.is_file()), None)
    if not file:
        raise UserError(
            f"The new protocol needs the file {name} in {dataset.root}. It comes with the code of "
            "Zhong et al., Re-ranking Person Re-identification (CVPR 2017)."
        )
    lists = read_lists(file)
    records = {record.path.stem: record for record in dataset.pool}
    if missing := [stem for stems in lists.values() for stem in stems if stem not in records]:
        raise UserError(
            f"{file.name} names {len(missing):,} images that the {boxes} boxes do not have, e.g. "
            f"{missing[0]}. Check that the file is the one for these boxes."
        )
    train, query, gallery = ([records[stem] for stem in lists[part]] for part in ("train", "query", "gallery"))
    return Split(1, f"lists of {file.name}", train=train, validation=[], query=query, gallery=gallery)


def _parse(path: Path) -> Record | None:
    if match := NAME_PATTERN.match(path.name):
        pair, person, view = match[1], match[2], int(match[3])
        return Record(path, f"{pair}_{person}", 2 * (int(pair) - 1) + view)
    return None
