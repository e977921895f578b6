"""Disks of their own for tests."""

import pytest
from faults.disks import mounted


@pytest.fixture
def disk(tmp_path):
    """A disk of 40 MB."""
    with mounted(tmp_path / "disk", 40) as found:
        yield found
