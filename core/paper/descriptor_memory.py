"""Descriptors that are computed once for each image, for several evaluations of one model in one process."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from core.data.loading import OnError
from core.data.records import Record
from core.inference.model import Model


class DescriptorMemory:
    """The descriptors of the images that a model has described.

    `describe` has the arguments of `Model.describe_records`, for `core.evaluation.evaluate.evaluate_models`.

    Args:
        model: The model.
    """

    def __init__(self, model: Model):
        self.model = model
        self._descriptors: dict[Path, np.ndarray] = {}
        self._unreadable: set[Path] = set()

    def describe(
        self,
        records: Sequence[Record],
        on_error: OnError = lambda source, why: None,
        on_progress: Callable[[int], None] = lambda count: None,
    ) -> tuple[np.ndarray, list[Record]]:
        """Describe the images of records, each image once.

        Args:
            records: The records.
            on_error: Called for each new image that cannot be used. The image is skipped, now and later.
            on_progress: Called with the number of images described since the last call.

        Returns:
            Descriptors, float32 (N, D), and the records of these N images.
        """
        new = [
            record for record in records if record.path not in self._descriptors and record.path not in self._unreadable
        ]
        descriptors, kept = self.model.describe_records(new, on_error=on_error, on_progress=on_progress)
        self._descriptors |= {record.path: one for record, one in zip(kept, descriptors, strict=True)}
        self._unreadable |= {record.path for record in new} - self._descriptors.keys()
        known = [record for record in records if record.path in self._descriptors]
        if not known:
            return descriptors[:0], []
        return np.stack([self._descriptors[record.path] for record in known]), known
