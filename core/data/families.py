"""Families of look-alikes: the identities of a data set that resemble each other, as its maker knows.

The file `identities.csv` in the folder of the data set has a row for each identity, with the columns `identity` and
`family`. The renderer writes it.
"""

import csv
from pathlib import Path

import numpy as np

from core.errors import UserError

TABLE = "identities.csv"


def read_families(root: Path, identities: np.ndarray) -> np.ndarray:
    """Return the family of each image.

    Args:
        root: The folder of the data set.
        identities: (N,), the identity of each image.

    Returns:
        (N,), numbers of families. An identity without a known family is a family of its own.

    Raises:
        UserError: If the data set has no family of two of these identities.
    """
    try:
        with (root / TABLE).open(newline="", encoding="utf-8") as file:
            named = {row["identity"]: row["family"] for row in csv.DictReader(file) if row["family"]}
    except (OSError, KeyError, ValueError, csv.Error):
        named = {}
    people, of_image = np.unique(identities, return_inverse=True)
    family_of = [(1, named[person]) if person in named else (0, person) for person in people.tolist()]
    numbers = {family: number for number, family in enumerate(dict.fromkeys(family_of))}
    if len(numbers) == len(people):
        raise UserError(
            f"{root} has no families of look-alikes: batches=families needs a file {TABLE} with the columns identity "
            "and family, as the renderer writes it."
        )
    return np.array([numbers[family] for family in family_of])[of_image]
