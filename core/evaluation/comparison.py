"""Comparison of two results on the same probes: which model ranks which probe's first true match higher."""

import pandas as pd

from core.errors import UserError
from core.evaluation.report import Report

FIRST, SECOND, NEITHER = "first", "second", "neither"


def compare_probes(first: Report, second: Report) -> pd.DataFrame:
    """Compare the rank of the first true match of each probe.

    Args:
        first: The result of one model.
        second: The result of another model on the same data by the same protocol.

    Returns:
        One row per probe that both results have, in the order of `first`: path, identity, camera, first_rank,
        second_rank, gain (first_rank - second_rank, positive if the second model is better) and better (FIRST, SECOND
        or NEITHER).

    Raises:
        UserError: If the results are of different data or protocols.
    """
    if first.task != second.task:
        raise UserError(f"Results on {first.task} and on {second.task} cannot be compared.")
    keys = [name for name in ("path", "split") if name in first.probes and name in second.probes]
    own = first.probes[[*keys, "identity", "camera", "first_rank"]]
    other = second.probes[[*keys, "first_rank"]].rename(columns={"first_rank": "second_rank"})
    table = own.merge(other, on=keys)
    gain = table["first_rank"] - table["second_rank"]
    better = (gain > 0).map({True: SECOND, False: NEITHER}).mask(gain < 0, FIRST)
    return table.assign(gain=gain, better=better)
