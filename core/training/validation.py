"""Validation during training: people held out of it, ranked as at the end."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from core.checkpoint import Checkpoint
from core.data.records import Record
from core.describe import Model
from core.errors import UserError
from core.evaluation.scoring import evaluate_single_query
from core.models.network import Network


class Validation:
    """Held-out identities: the first picture of each identity and camera is a probe, the others are the gallery."""

    def __init__(self, pictures: Tensor, records: Sequence[Record]):
        self.pictures, self.records = pictures, list(records)
        first = {(record.identity, record.camera): place for place, record in reversed(list(enumerate(records)))}
        self.query = np.array(sorted(first.values()), dtype=int)
        self.gallery = np.setdiff1d(np.arange(len(self.records)), self.query)

    def evaluate(self, network: Network) -> dict[str, float] | None:
        """Recall@1 and mAP in percent; None if no probe has a right answer in another camera."""
        descriptors = Model(Checkpoint(network), str(next(network.parameters()).device)).describe_pictures(
            self.pictures
        )
        network.train()
        query, gallery = ([self.records[place] for place in places] for places in (self.query, self.gallery))
        try:
            result = evaluate_single_query(descriptors[self.query], query, descriptors[self.gallery], gallery)
        except UserError:
            return None
        return {name: result.summary[name] for name in ("recall@1", "mAP")}
