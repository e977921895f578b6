"""Shares of the images of a probe in the score of their mean descriptor."""

import numpy as np
import pytest

from core.explain.probe_shares import probe_shares
from core.search.gallery import mean_descriptor


def test_shares_sum_to_the_score_of_the_mean_descriptor():
    random = np.random.default_rng(0)
    descriptors = random.normal(size=(4, 9)) + 1
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    *probe, match = descriptors
    shares = probe_shares(np.array(probe), match)
    assert shares.sum() == pytest.approx(mean_descriptor(np.array(probe)) @ match, abs=1e-6)
    scores = np.array(probe) @ match
    assert shares / shares[0] == pytest.approx(scores / scores[0])


def test_shares_by_hand():
    """The mean of two orthogonal unit vectors has the length 1 / sqrt(2)."""
    assert probe_shares(np.eye(2), np.array([0.6, 0.8])) == pytest.approx([0.6 / np.sqrt(2), 0.8 / np.sqrt(2)])
    assert probe_shares(np.eye(2)[:1], np.array([0.6, 0.8])) == pytest.approx([0.6])
