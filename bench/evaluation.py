"""Compare counting ranks in chunks with a full sort, at Market-1501's size, similarities included.

`python bench/evaluation.py` prints the time, the ratio and the peak memory, less the descriptors. Then it counts at
MSMT17's size. The full sort is that of the usual Python evaluators (torchreid, fast-reid): all distances, argsort of
each row, a table of matches, then one probe after another. The data are random descriptors of as many identities,
images and cameras. Each run has its own process. Linux only.
"""

import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rows import Row, compared, record

from core.evaluation.metrics import (
    AVERAGE_PRECISIONS,
    average_precisions,
    first_ranks,
    inverse_negative_penalties,
    recall_at,
)
from core.evaluation.ranking import count_ranks, first_by_cameras

DIMENSIONS, ROUNDS = 500, 5
NOISE = 2.3  # of an image around the centre of its identity: as difficult as a benchmark for a good network


@dataclass(frozen=True)
class Size:
    """Sizes of a data set's test half. The first images of the gallery are distractors."""

    name: str
    probes: int
    gallery: int
    people: int
    cameras: int
    distractors: int = 0


MARKET = Size("Market-1501", 3368, 15913, 751, 6, 2793)
MSMT17 = Size("MSMT17", 11659, 82161, 3060, 15)


def build_world(size: Size):
    """Draw the arguments of count_ranks: unit descriptors (Q, D) and (G, D), then identities and cameras of both."""
    random = np.random.default_rng(0)
    centres = random.standard_normal((size.people, DIMENSIONS), dtype=np.float32)

    def images(count, distractors=0):
        people = random.integers(1, size.people, count)
        people[:distractors] = 0
        descriptors = random.standard_normal((count, DIMENSIONS), dtype=np.float32)
        descriptors[distractors:] *= NOISE
        descriptors[distractors:] += centres[people[distractors:]]
        descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
        return descriptors, np.char.zfill(people.astype(str), 4), random.integers(1, size.cameras + 1, count)

    query, people, cameras = images(size.probes)
    gallery, gallery_people, gallery_cameras = images(size.gallery, size.distractors)
    return query, gallery, people, cameras, gallery_people, gallery_cameras


def counted(*world):
    """Return first ranks and average precisions (Q,), NaN without a true match. All other metrics are computed, too."""
    ranks = count_ranks(*world)
    precisions = {name: average_precisions(ranks, name) for name in AVERAGE_PRECISIONS}
    inverse_negative_penalties(ranks)
    first_by_cameras(ranks, world[3], world[5])
    return first_ranks(ranks), precisions["rectangle"]


def sorted_fully(query, gallery, people, cameras, gallery_people, gallery_cameras):
    """Return the same by sorting. Precisions are vectorised; the usual loop over the gallery is slower."""
    people, gallery_people = people.astype(int), gallery_people.astype(int)  # such evaluators take integers
    distances = -(query @ gallery.T)  # 1 - similarity would round and swap near ties
    indices = np.argsort(distances, axis=1)
    matches = (gallery_people[indices] == people[:, None]).astype(np.int32)
    firsts, precisions = np.full((2, len(query)), np.nan)
    for probe, order in enumerate(indices):
        remove = (gallery_people[order] == people[probe]) & (gallery_cameras[order] == cameras[probe])
        right = matches[probe][~remove]
        if right.any():
            found = right.cumsum()
            firsts[probe] = 1 + np.argmax(found > 0)
            precisions[probe] = (found / np.arange(1, len(found) + 1) * right).sum() / right.sum()
    return firsts, precisions


def memory(field: str) -> int:
    """Return bytes of memory of this process: VmRSS is the present, VmHWM the peak."""
    return 1024 * int(Path("/proc/self/status").read_text().split(f"{field}:")[1].split()[0])


def measured(evaluate, world):
    """Run in a forked process; return seconds, peak memory less that at the start in bytes, and results."""
    receiver, sender = multiprocessing.Pipe(duplex=False)

    def work():
        before, start = memory("VmRSS"), time.perf_counter()
        results = evaluate(*world)
        sender.send((time.perf_counter() - start, memory("VmHWM") - before, results))

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    sender.close()  # otherwise a process that died would block recv
    found = receiver.recv()
    process.join()
    return found


def headline(size: Size, firsts: np.ndarray, precisions: np.ndarray) -> str:
    shape = f"{size.probes:,} probes x {size.gallery:,} images x {DIMENSIONS} dimensions"
    scores = f"recall@1 {recall_at(firsts, 1):.1%}, mAP {np.nanmean(precisions):.1%}"
    return f"{size.name}'s size: {shape}, {os.cpu_count()} cores ({scores})"


def side_by_side(size: Size):
    world = build_world(size)
    rounds = [[measured(way, world) for way in (sorted_fully, counted)] for _ in range(ROUNDS)]
    for (_, _, usual), (_, _, ours) in rounds:
        np.testing.assert_array_equal(ours[0], usual[0])
        np.testing.assert_allclose(ours[1], usual[1], atol=1e-3)
    print(headline(size, *rounds[0][1][2]))
    usual, ours = ([run[0] for run in column] for column in zip(*rounds, strict=True))
    record(compared(f"evaluation, {size.name}", ours, usual, "a full sort", aim=5))
    extra = max(run[1] for _, run in rounds)
    record(Row(f"evaluation, {size.name}, memory", "", f"{extra / 1e9:.2f} GB more"))


def alone(size: Size):
    world = build_world(size)
    start = time.perf_counter()
    results = counted(*world)
    seconds = time.perf_counter() - start
    print(headline(size, *results))
    record(Row(f"evaluation, {size.name}", "", f"{seconds:.1f} s"))
    record(Row(f"evaluation, {size.name}, peak memory", "", f"{memory('VmHWM') / 1e9:.2f} GB"))


if __name__ == "__main__":
    if "--msmt17" in sys.argv:
        alone(MSMT17)
    else:
        side_by_side(MARKET)
        subprocess.run([sys.executable, __file__, "--msmt17"], check=True)
