"""Rankings compared where their scores decide: which of two near-equal scores is higher depends on the processor."""

from collections.abc import Sequence


def assert_same_order(
    found: Sequence, expected: Sequence, scores: Sequence[float], top: int | None = None, atol: float = 1e-6
) -> None:
    """`found` are the first `top` of all `expected`, which are ordered by falling `scores`.

    Only items whose scores differ by at most `atol` may change places.
    """
    found, score_of = list(found), dict(zip(expected, scores, strict=True))
    assert len(found) == len(set(found)) == min(len(score_of), len(score_of) if top is None else top)
    for place, (one, score) in enumerate(zip(found, scores, strict=False)):
        assert one in score_of, f"{one} at place {place} is not among what is ranked"
        difference = abs(score_of[one] - score)
        assert difference <= atol, f"{one} at place {place} is not {expected[place]}: scores differ by {difference}"
