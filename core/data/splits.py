"""Hold out identities of the training set, so that a checkpoint can be chosen without looking at the test set."""

import numpy as np

from core.data.records import Record


def hold_out(records: list[Record], identities: int, seed: int) -> tuple[list[Record], list[Record]]:
    """Records -> (for training, for validation): `identities` people, at most a fifth of all, chosen by the seed."""
    people = sorted({record.identity for record in records})
    count = min(identities, len(people) // 5)
    chosen = set(np.random.default_rng(seed).permutation(people)[:count].tolist())
    training = [record for record in records if record.identity not in chosen]
    return training, [record for record in records if record.identity in chosen]
