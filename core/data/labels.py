"""Labels of a folder's images: the identity, camera and time, read from folders, file names or a table.

core.data.tables describes tables. Images that the table does not name are unlabelled.
"""

from pathlib import Path

from core.counts import counted
from core.data.addresses import split_address
from core.data.boxes import box_path
from core.data.cameras import number_cameras
from core.data.datasets import UnknownLayout, read_dataset
from core.data.image_folder import ALL_NAMES, LABELLED_FOLDERS
from core.data.images import list_image_files
from core.data.records import Record
from core.data.rule_dataset import read_with_rules
from core.data.table_columns import BOX
from core.data.tables import read_table
from core.errors import UserError

LAYOUT, NONE, FOLDER, NAMES, TABLE = "layout", "none", "folder", "names", "csv"
LABEL_RULES = {
    LAYOUT: "from the detected layout of the folder",
    NONE: "unlabelled",
    FOLDER: "one folder for each identity; cameras from names like c2_001.jpg",
    NAMES: "identities and cameras from names like 0002_c1s1_000451_03.jpg",
    TABLE: "from a CSV file with the columns path, identity, camera, time",
}
TABLE_NAME = "labels.csv"  # in the folder of images, unless another table is given
TABLE_COLUMNS = ("path", "identity", "camera", "time")


def label_images(folder: Path, labels: str = LAYOUT, table: Path | None = None) -> tuple[list[Record], list[str]]:
    """List the images of a folder with their labels. No image is opened.

    Args:
        folder: The folder of images. For the rule "layout", all that `read_dataset` takes.
        labels: A key of LABEL_RULES.
        table: The CSV table for the rule "csv". The default is `labels.csv` in the folder.

    Returns:
        The records, sorted by path, and notes for the user about unusual findings.

    Raises:
        UserError: If there are no images, or if the table has an error. The message names the line.
    """
    if labels not in LABEL_RULES:
        raise UserError(f"Unknown label rule {labels!r}; choose one of {', '.join(LABEL_RULES)}.")
    if not split_address(folder)[0].exists():
        raise UserError(f"There is no folder {folder}.")
    if labels == LAYOUT:
        try:
            dataset = read_dataset(folder)
        except UnknownLayout as error:
            raise UserError(f"{error} `--labels none` adds the images to a gallery without labels.") from None
        if not dataset.searchable:
            raise UserError(
                f"{folder} has the layout {dataset.layout}, but no gallery images; "
                f"use `--labels names` to take all images. Notes: {'; '.join(dataset.notes) or 'none'}."
            )
        return dataset.searchable, [f"layout {dataset.layout}", *dataset.notes]
    paths = list_image_files(folder)
    if not paths:
        raise UserError(f"There is no image in {folder}; give a folder with .jpg or .png files.")
    if labels == NONE:
        return [Record(path) for path in paths], []
    if labels in (NAMES, FOLDER):
        dataset = read_with_rules(ALL_NAMES if labels == NAMES else LABELLED_FOLDERS, folder)
        unlabelled = sum(not record.identity for record in dataset.gallery)
        return dataset.gallery, [
            *dataset.notes,
            *([counted(unlabelled, "image is unlabelled", "images are unlabelled")] if unlabelled else []),
        ]
    return _by_table(folder, paths, table or folder / TABLE_NAME)


def find_image_folder(folder: Path, labels: str) -> Path:
    """Return the folder in which the images of an unpacked archive start.

    Most archives have one folder at the top that contains everything else. Such folders are skipped. With the label
    rule "folder", the folder of an identity is not skipped.
    """
    while len(found := _folders_and_files(folder)) == 1 and found[0].is_dir():
        if labels == FOLDER and not any(path.is_dir() for path in _folders_and_files(found[0])):
            break
        folder = found[0]
    return folder


def _by_table(folder: Path, paths: list[Path], table: Path) -> tuple[list[Record], list[str]]:
    """Label images from a table. An image with boxes gives a record for each box."""
    known = {path.relative_to(folder).as_posix(): path for path in paths}
    read = read_table(table, folder, known, wanted=(*TABLE_COLUMNS, BOX))
    cameras, notes = number_cameras(read.cameras)
    labelled: dict[str, list[Record]] = {}
    rows = zip(read.images, read.boxes, read.identities, cameras, read.times, strict=True)
    for image, box, identity, camera, time in rows:
        path = known[image] if box is None else box_path(known[image], box)
        labelled.setdefault(image, []).append(Record(path, identity, camera, time))
    notes = [*read.notes, *notes]
    if others := len(paths) - len(labelled):
        notes = [*notes, f"{counted(others, 'image is', 'images are')} not in {table.name} and unlabelled"]
    return [record for image, path in known.items() for record in labelled.get(image, [Record(path)])], notes


def _folders_and_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]
