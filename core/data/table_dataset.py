"""A data set from a table."""

from pathlib import Path

from core.data.records import Dataset
from core.data.rules import Rules


def read_with_table(rules: Rules, root: Path, said: str) -> Dataset:
    """Read a data set whose images a table describes."""
    raise NotImplementedError
