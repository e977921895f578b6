"""Small files of exactly the layout in which the benchmarks are distributed."""

from pathlib import Path

import h5py
import numpy as np
from conftest import draw_person
from PIL import Image
from scipy.io import savemat

EMPTY = np.zeros(2, np.uint64)  # how MATLAB writes an empty cell


def write_cuhk03_mat(path: Path, people=(3, 2, 1, 1, 1), slots=(0, 1, 5, 6), test_sets=(((1, 1), (2, 1)),)) -> Path:
    """`cuhk-03.mat`: references to matrices (10, people) of references to images (3, W, H); other slots are empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w", userblock_size=512) as file:
        for boxes in ("labeled", "detected"):
            pairs = []
            for pair, count in enumerate(people, start=1):
                matrix = np.empty((10, count), dtype=h5py.ref_dtype)
                for slot in range(10):
                    for person in range(count):
                        image = cuhk03_image(pair, person + 1, slot + 1, boxes) if slot in slots else EMPTY
                        name = f"#refs#/{boxes}{pair}{person}{slot}"
                        matrix[slot, person] = file.create_dataset(name, data=image).ref
                pairs.append(file.create_dataset(f"#refs#/{boxes}{pair}", data=matrix, dtype=h5py.ref_dtype).ref)
            file.create_dataset(boxes, data=np.array([pairs], dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)
        sets = [
            file.create_dataset(f"#refs#/set{n}", data=np.array(people, float).T).ref
            for n, people in enumerate(test_sets)
        ]
        file.create_dataset("testsets", data=np.array([sets], dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM".ljust(388, b"\0"))
    return path


def cuhk03_image(pair: int, person: int, slot: int, boxes: str = "detected") -> np.ndarray:
    """uint8 (3, W, H) as in the file; higher boxes if labeled, to tell them apart."""
    image = draw_person(pair * 100 + person, 1 + (slot > 5), slot)
    return np.asarray(image.resize((32, 90 if boxes == "labeled" else 80))).transpose(2, 1, 0)


def write_cuhk03_folder(root: Path, boxes: str = "detected", people=(3, 2, 1, 1, 1), suffix: str = "png") -> Path:
    """Extracted images with the names of the new protocol's file list; two slots of each view."""
    (root / f"images_{boxes}").mkdir(parents=True, exist_ok=True)
    for pair, count in enumerate(people, start=1):
        for person in range(1, count + 1):
            for slot in (1, 2, 6, 7):
                name = f"{pair}_{person:03d}_{1 + (slot > 5)}_{slot:02d}.{suffix}"
                draw_person(pair * 1000 + person, 1 + (slot > 5), slot).save(root / f"images_{boxes}" / name)
    return root


def write_new_protocol(
    root: Path, boxes: str, stems: list[str], train: list[int], query: list[int], gallery: list[int]
):
    """Zhong et al.'s split file: names in a cell column, numbers counted from 1."""
    names = np.empty((len(stems), 1), dtype=object)
    names[:, 0] = [f"{stem}.png" for stem in stems]
    numbers = {
        f"{part}_idx": np.array([values]) + 1
        for part, values in {"train": train, "query": query, "gallery": gallery}.items()
    }
    labels = np.array([[int(stem[:5].replace("_", ""))] for stem in stems])
    savemat(root / f"cuhk03_new_protocol_config_{boxes}.mat", {"filelist": names, "labels": labels} | numbers)


def write_cuhk01(root: Path, people: int = 9) -> Path:
    (root / "campus").mkdir(parents=True)
    for person in range(1, people + 1):
        for number in range(1, 5):
            draw_person(person, 1 + (number > 2), number).save(root / "campus" / f"{person:04d}{number:03d}.png")
    return root


def write_viper(root: Path, people: int = 8) -> Path:
    """Ids have gaps, and the angle differs between the cameras."""
    for folder, camera, angle in (("cam_a", 1, 0), ("cam_b", 2, 90)):
        (root / folder).mkdir(parents=True)
        for person in range(people):
            draw_person(person, camera, 0).save(root / folder / f"{3 * person + 1:03d}_{angle}.bmp")
    return root


def write_images(folder: Path, names: list[str]) -> None:
    """Many small files at once, for what only counts names."""
    folder.mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(folder / "one.png")
    content = (folder / "one.png").read_bytes()
    (folder / "one.png").unlink()
    for name in names:
        (folder / name).write_bytes(content)
