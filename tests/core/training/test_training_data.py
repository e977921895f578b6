"""Training data of several processes are compared by a checksum."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from core.data.records import Record
from core.training.training_data import TrainingData

DATA = TrainingData(
    images=torch.zeros(2, 3, 4, 4, dtype=torch.uint8),
    identities=np.array(["1", "2"]),
    validation=None,
    data={},
    dataset=None,
    records=[Record(Path("a.jpg"), "1", 1), Record(Path("b.jpg"), "2", 2)],
    families=np.array([0, 1]),
)


def test_the_checksum_depends_on_images_and_labels():
    others = [
        replace(DATA, images=torch.ones(2, 3, 4, 4, dtype=torch.uint8)),
        replace(DATA, identities=np.array(["1", "3"])),
        replace(DATA, records=[replace(record, camera=3) for record in DATA.records]),
        replace(DATA, families=np.array([0, 0])),
        replace(DATA, families=None),
    ]
    assert replace(DATA).fingerprint == DATA.fingerprint
    assert len({DATA.fingerprint, *(other.fingerprint for other in others)}) == 6
