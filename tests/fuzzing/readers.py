"""What the project does with a file of each kind. A reader gets the folder of a case and may raise UserError."""

from pathlib import Path


def read_image(folder: Path) -> None:
    from core.data.images import open_image, upright_size

    file = folder / "image.jpg"
    upright_size(file.read_bytes())
    image = open_image(file)
    assert image.mode == "RGB" and min(image.size) >= 8
    del image


def read_zip(folder: Path) -> None:
    from core.data.zip_archive import check_zip, unpack_zip

    check_zip(folder / "images.zip")
    unpack_zip(folder / "images.zip", folder / "out")


def read_label_table(folder: Path) -> None:
    from core.data.tables import read_table

    table = next(folder.iterdir())
    read_table(table, folder, {f"{name}.png" for name in "abcd"})


def read_rules(folder: Path) -> None:
    from core.data.datasets import read_dataset
    from core.data.inspection import inspect_dataset

    inspect_dataset(read_dataset(folder))


def read_result(folder: Path) -> None:
    from core.evaluation.report import read_report

    report = read_report(folder)
    str(report.name + report.task), report.intervals, report.figures, report.overlap.sentence


def read_label_decisions(folder: Path) -> None:
    from core.evaluation.label_decisions import changed_identities, read_decisions

    changed_identities({"a.png": "1", "b.png": "2"}, read_decisions(folder / "decisions.csv"))


def read_gallery(folder: Path) -> None:
    from core.search.gallery import Gallery

    gallery = Gallery.open(next(folder.iterdir()))
    gallery.search(gallery.descriptors[0], top=2)


def read_map(folder: Path) -> None:
    from core.projection.projector import Projector

    Projector.open(folder / "map.npz")


def read_checkpoint(folder: Path) -> None:
    from core.evaluation.calibration import read_calibration
    from core.inference.checkpoint import descriptor_length, load_checkpoint
    from core.inference.model_card import read_terms, write_card

    checkpoint = load_checkpoint(folder)
    descriptor_length(folder)
    write_card("mine", checkpoint, "MIT")
    if (folder / "card.md").exists():
        read_terms((folder / "card.md").read_text(encoding="utf-8", errors="replace"))
    if calibration := read_calibration(folder):
        calibration.sentence, calibration.probability(0.5, 0.1), calibration.false_alarm_rate(0.5, 4)


def read_baseline(folder: Path) -> None:
    from core.inference.model import load

    load(folder)


def read_cuhk03(folder: Path) -> None:
    from core.data.datasets import read_dataset
    from core.data.images import open_image

    for record in read_dataset(folder / "cuhk-03.mat").pool[:3]:
        open_image(record.path)


def read_new_protocol(folder: Path) -> None:
    from core.data.cuhk03 import new_protocol_split
    from core.data.datasets import read_dataset

    new_protocol_split(read_dataset(folder / "images_detected"))


def read_caffe(folder: Path) -> None:
    from core.models.caffe_import import read_caffemodel

    read_caffemodel(folder / "net.caffemodel")


READERS = {
    "image": read_image,
    "zip": read_zip,
    "table": read_label_table,
    "rules": read_rules,
    "report": read_result,
    "decisions": read_label_decisions,
    "gallery": read_gallery,
    "map": read_map,
    "checkpoint": read_checkpoint,
    "baseline": read_baseline,
    "cuhk03": read_cuhk03,
    "new protocol": read_new_protocol,
    "caffemodel": read_caffe,
}
SHARES = {"image": 8, "zip": 3, "table": 4, "rules": 4, "gallery": 3, "checkpoint": 5}  # of the cases; others have 1
