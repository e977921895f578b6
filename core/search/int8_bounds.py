"""int8 first pass of the exact search: scores with a proven error bound, at a quarter of the memory traffic.

Memory bandwidth limits a search over many descriptors, not arithmetic. A descriptor y is stored as scale * code + rest,
where the code is int8 and only the length of the rest is kept. The error of a score is then bounded by
|q . y - scale * (q . code)| <= |q| |rest| (Cauchy-Schwarz). The bounds select the candidates for the best K, and only
the candidates are scored in float32.
"""

import numba
import numpy as np

from core.search.exact import CACHE_ROWS, as_float32, run_in_parallel

ROUNDING = 2.0**-23  # a float32 sum of D products has at most D times this relative error, in any order of addition


class Codes:
    """int8 codes (G, D) of descriptors, with a scale and an error bound for each row.

    Args:
        descriptors: float16 or float32 (G, D).
    """

    def __init__(self, descriptors: np.ndarray):
        count, size = descriptors.shape
        self.codes = np.empty((count, size), np.int8)
        self.scales, self.reach, norms = np.empty((3, count), np.float32)

        def encode(start: int, stop: int) -> None:
            for first in range(start, stop, CACHE_ROWS):
                part = slice(first, min(stop, first + CACHE_ROWS))
                rows = np.array(as_float32(descriptors[part]))
                largest = np.empty(len(rows), np.int32)
                _largest(rows.view(np.int32), largest)
                _encode(
                    rows, largest.view(np.float32), self.codes[part], self.scales[part], self.reach[part], norms[part]
                )

        run_in_parallel(encode, count)
        has_nan = ~np.isfinite(norms)  # the scores of these rows have no bound
        norms[has_nan], self.scales[has_nan] = 0, 0
        self.largest = float(norms.max()) * (1 + size * ROUNDING)
        # The rest and the exact score are computed in float32 as well, so their rounding errors are added.
        self.reach = self.reach * np.float32(1 + size * ROUNDING) + norms * np.float32((size + 16) * ROUNDING)
        self.reach[has_nan] = np.inf

    def bounds(self, probe: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute a lower and an upper bound of each row's exact score.

        Args:
            probe: float32 (D,).

        Returns:
            The lower and the upper bounds, float32 (G,) each.
        """
        low, high = np.empty((2, len(self.codes)), np.float32)
        finest = min(32767, (2**31 - 1) // (127 * len(probe)))  # so that sums of products fit into 32 bits
        step = max(float(np.abs(probe).max()), 1e-30) / finest
        code = np.rint(probe / step).astype(np.int16)
        length = max(float(np.linalg.norm(probe)), 1e-30)  # not 0, because 0 * inf is no bound
        rest = float(np.linalg.norm(probe - code * np.float64(step))) * self.largest

        def bound(start: int, stop: int) -> None:
            rows = slice(start, stop)
            _bound(
                self.codes[rows], code, self.scales[rows], self.reach[rows], step, length, rest, low[rows], high[rows]
            )

        run_in_parallel(bound, len(self.codes))
        return low, high


@numba.njit(nogil=True, cache=True)
def _largest(bits, largest):
    """Find the bits of each row's largest absolute value.

    `bits` are float32 (N, D) viewed as int32. Without the sign bit, they sort like the absolute values.
    """
    for row in range(bits.shape[0]):
        maximum = np.int32(0)
        for column in range(bits.shape[1]):
            maximum = max(maximum, bits[row, column] & np.int32(0x7FFFFFFF))  # without the sign bit
        largest[row] = maximum


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _encode(rows, largest, codes, scales, reach, norms):
    """Compute the int8 codes (N, D), and the scale, the length of the rest and the length of each row (N,)."""
    for row in range(rows.shape[0]):
        scale = max(largest[row] / np.float32(127), np.float32(1e-30))
        inverse = np.float32(1) / scale
        rest = np.float32(0)
        norm = np.float32(0)
        for column in range(rows.shape[1]):
            value = rows[row, column]
            code = np.int32(value * inverse + np.float32(128.5)) - np.int32(128)  # round to nearest
            left = value - np.float32(code) * scale
            codes[row, column] = np.int8(code)
            rest += left * left
            norm += value * value
        scales[row] = scale
        reach[row] = np.sqrt(rest)
        norms[row] = np.sqrt(norm)


@numba.njit(nogil=True, cache=True)
def _bound(codes, probe, scales, reach, step, length, rest, low, high):
    """Compute the bounds of each row's score."""
    for row in range(codes.shape[0]):
        total = np.int32(0)
        for column in range(codes.shape[1]):
            total += np.int32(codes[row, column]) * np.int32(probe[column])
        score = step * scales[row] * np.int32(total)  # int32 suffices; numba's default of 64 bits is half as fast
        error = length * reach[row] + rest
        low[row] = score - error
        high[row] = score + error
