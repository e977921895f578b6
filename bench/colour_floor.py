"""Rank a data set by colour histograms alone: a lower bound for every network.

`python bench/colour_floor.py [DATA]` uses histograms of 8 horizontal stripes of the middle half of the image, with
8 x 4 x 4 bins of hue, saturation and value per stripe, square root and cosine similarity. The protocol is that of
`evaluate`, with all splits.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.datasets import read_dataset
from core.data.images import open_image, resize
from core.data.records import Record
from core.evaluation.evaluators import mean_evaluation
from core.evaluation.protocols import choose_protocol

STRIPES, BINS = 8, (8, 4, 4)


def describe(records: list[Record]) -> np.ndarray:
    """(N, stripes * bins) of unit length."""
    return np.stack([histogram(record.path) for record in records])


def histogram(path: Path) -> np.ndarray:
    rgb = Image.fromarray(resize(open_image(path)).transpose(1, 2, 0))
    hsv = np.asarray(rgb.convert("HSV")).astype(int)
    middle = hsv[:, hsv.shape[1] // 4 : -(hsv.shape[1] // 4)]
    counts = []
    for stripe in np.array_split(middle, STRIPES):
        bins = [stripe[..., channel].ravel() * count // 256 for channel, count in enumerate(BINS)]
        counts.append(np.bincount(np.ravel_multi_index(bins, BINS), minlength=np.prod(BINS)))
    root = np.sqrt(np.concatenate(counts))
    return (root / np.linalg.norm(root)).astype(np.float32)


def main():
    data = read_dataset(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "assets" / "pedestrians")
    protocol = choose_protocol(data, None)
    splits = [protocol.divide(data, number) for number in range(1, protocol.splits + 1)]
    described = ((describe(split.query), split.query, describe(split.gallery), split.gallery) for split in splits)
    result = mean_evaluation([protocol.score(*one) for one in described])[0].summary
    print(
        f"{data.root.name}: colour histograms reach recall@1 {result['recall@1']:.1f} %, mAP {result['mAP']:.1f} % "
        f"({result['probes']} probes, gallery of {result['gallery']})"
    )


if __name__ == "__main__":
    main()
