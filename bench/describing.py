"""Compare describing JPEG files with the network alone on images that are already read.

`python bench/describing.py [CHECKPOINT ...]` uses the demo's images and all cores, as the commands do: each core
describes a batch of its own while the next files are read. Reading must cost almost nothing beside the network.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from rows import compared, record, seconds_in_turns

from core.data.images import list_image_files, open_image, resize
from core.inference.model import load

ROOT = Path(__file__).parents[1]
CHECKPOINTS = [ROOT / "checkpoints" / name for name in ("pedestrians-mr_bcnn", "street-mobile_bcnn", "streets-mr_bcnn")]
IMAGES, BATCH, ROUNDS = 512, 64, 3


def main(checkpoints):
    torch.set_num_threads(1)  # as the commands do: each core computes its own batch
    paths = list_image_files(ROOT / "assets" / "pedestrians")[:IMAGES]
    for checkpoint in checkpoints:
        model = load(checkpoint, "cpu")
        size = model.network.config.image_size
        images = torch.from_numpy(np.stack([resize(open_image(path), size) for path in paths]))

        def in_memory(model=model, images=images):
            batches = ((list(range(len(batch))), batch) for batch in images.split(BATCH))
            return list(model._embed_all(batches))  # the same cores, without reading

        ways = {"files": lambda model=model: model.describe(paths, BATCH), "memory": in_memory}
        times = seconds_in_turns(ways, ROUNDS)
        record(
            compared(f"describe JPEG files, {checkpoint.name}", *times.values(), "the network alone", len(paths), 0.9)
        )


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or CHECKPOINTS)
