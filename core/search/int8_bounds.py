"""Descriptors as whole numbers from -127 to 127: a quarter of the memory to read, and how far a score may be off.

A query over many descriptors waits for memory, not for arithmetic. With y = scale * code + rest, one byte a number and
the length of the rest tell a score: |q . y - scale * (q . code)| <= |q| |rest| (Cauchy-Schwarz). Who may be among the
best K is decided by that, and only they are compared exactly.
"""

import numba
import numpy as np

from core.search.exact import CACHE_ROWS, as_float32, in_parts

ROUNDING = 2.0**-23  # float32 sums of D products are off by at most D times this, whatever their order


class Codes:
    """float16 or float32 (G, D) -> int8 (G, D), with a scale and the reach of the error of each row."""

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

        in_parts(encode, count)
        strange = ~np.isfinite(norms)  # rows with NaN: nothing is known of their scores
        norms[strange], self.scales[strange] = 0, 0
        self.largest = float(norms.max()) * (1 + size * ROUNDING)
        # the rest is itself computed in float32, and so is the exact score
        self.reach = self.reach * np.float32(1 + size * ROUNDING) + norms * np.float32((size + 16) * ROUNDING)
        self.reach[strange] = np.inf

    def bounds(self, probe: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """float32 (D,) -> float32 (G,), (G,): no row's exact score is lower, or higher."""
        low, high = np.empty((2, len(self.codes)), np.float32)
        finest = min(32767, (2**31 - 1) // (127 * len(probe)))  # no sum of products leaves 32 bits
        step = max(float(np.abs(probe).max()), 1e-30) / finest
        code = np.rint(probe / step).astype(np.int16)
        length = float(np.linalg.norm(probe))
        rest = float(np.linalg.norm(probe - code * np.float64(step))) * self.largest

        def bound(start: int, stop: int) -> None:
            rows = slice(start, stop)
            _bound(
                self.codes[rows], code, self.scales[rows], self.reach[rows], step, length, rest, low[rows], high[rows]
            )

        in_parts(bound, len(self.codes))
        return low, high


@numba.njit(nogil=True, cache=True)
def _largest(bits, largest):
    """Bits of float32 (N, D) as int32 -> those of each row's largest size; they sort as the sizes do."""
    for row in range(bits.shape[0]):
        found = np.int32(0)
        for column in range(bits.shape[1]):
            found = max(found, bits[row, column] & np.int32(0x7FFFFFFF))  # without the sign
        largest[row] = found


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _encode(rows, largest, codes, scales, reach, norms):
    """float32 (N, D), (N,) -> int8 (N, D); scale, length of the rest, and length of each row."""
    for row in range(rows.shape[0]):
        scale = max(largest[row] / np.float32(127), np.float32(1e-30))
        inverse = np.float32(1) / scale
        rest = np.float32(0)
        norm = np.float32(0)
        for column in range(rows.shape[1]):
            value = rows[row, column]
            code = np.int32(value * inverse + np.float32(128.5)) - np.int32(128)  # the nearest
            left = value - np.float32(code) * scale
            codes[row, column] = np.int8(code)
            rest += left * left
            norm += value * value
        scales[row] = scale
        reach[row] = np.sqrt(rest)
        norms[row] = np.sqrt(norm)


@numba.njit(nogil=True, cache=True)
def _bound(codes, probe, scales, reach, step, length, rest, low, high):
    """Lowest and highest score of each row."""
    for row in range(codes.shape[0]):
        total = np.int32(0)
        for column in range(codes.shape[1]):
            total += np.int32(codes[row, column]) * np.int32(probe[column])
        score = step * scales[row] * np.int32(total)  # it fits; numba would add in 64 bits, half as fast
        off = length * reach[row] + rest
        low[row] = score - off
        high[row] = score + off
