import numpy as np
import pytest

from core.data.families import TABLE, read_families
from core.errors import UserError

IDENTITIES = np.array(["c", "a", "b", "a", "d"])


def test_images_have_the_family_of_their_identity(tmp_path):
    """An identity without a family, or that is not in the table, is a family of its own."""
    (tmp_path / TABLE).write_text("identity,site,family\na,1,7\nb,1,7\nc,2,\nx,1,a\n")
    c, a, b, again, d = read_families(tmp_path, IDENTITIES).tolist()
    assert a == b == again
    assert sorted({a, c, d}) == [0, 1, 2]


@pytest.mark.parametrize(
    "table",
    [None, "identity,site\na,1\n", "identity,family\na,1\nb,2\n", "identity,family\nx,1\ny,1\n", "", "a\0b,\n\0"],
)
def test_data_without_families_are_refused(tmp_path, table):
    if table is not None:
        (tmp_path / TABLE).write_text(table)
    with pytest.raises(UserError, match="has no families of look-alikes: batches=families needs"):
        read_families(tmp_path, IDENTITIES)
