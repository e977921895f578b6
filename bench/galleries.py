"""Compare indexing a named gallery on disk with describing the same images in memory.

`python bench/galleries.py [FOLDER [IMAGES]]` prints images per second and the ratio, by wall-clock and processor time,
and the additional memory while the first gallery is indexed. Both read and decode the images. The gallery also hashes
files and writes blocks and a version.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from rows import Row, compared, record

from core.data.images import list_image_files
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery
from core.inference.model import load

CHECKPOINT = Path("checkpoints/pedestrians-mr_bcnn")
ROUNDS = 3


def main(folder="assets/pedestrians", images="2048"):
    torch.set_num_threads(1)  # as the command does: each core computes its own batch
    paths = [path.resolve() for path in list_image_files(Path(folder))[: int(images)]]
    model = load(CHECKPOINT, "cpu")
    seconds = {"in memory": [], "gallery": []}
    with tempfile.TemporaryDirectory() as place:
        chosen = Path(place) / "images"
        chosen.mkdir()
        for number, path in enumerate(paths):
            (chosen / f"{number:06d}{path.suffix}").symlink_to(path)
        model.describe(paths[:256])
        before, held = memory(), 0.0
        for number in range(ROUNDS):
            gallery = create_gallery(str(number), Path(place) / "galleries", CHECKPOINT)
            add_folder(gallery, chosen, "none")
            seconds["gallery"].append(measured(lambda gallery=gallery: describe_gallery(gallery, "cpu")))
            held = held or memory()
            seconds["in memory"].append(measured(lambda: model.describe(paths)))
        np.testing.assert_allclose(gallery.open().descriptors, model.describe(paths), atol=1e-5)
    print(f"{len(paths):,} images of {folder}, the best of {ROUNDS}, {model.network.config.filters} filters")
    for kind, name in enumerate(("wall-clock", "processor time")):
        memory_s, gallery_s = ([taken[kind] for taken in seconds[way]] for way in seconds)
        record(compared(f"describe a named gallery, {name}", gallery_s, memory_s, "in memory", len(paths), 0.9))
    record(Row("describe a named gallery, memory", "", f"{held - before:.0f} MB more"))


def measured(work) -> tuple[float, float]:
    start, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - processor


def memory() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main(*sys.argv[1:])
