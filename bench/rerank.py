"""Compare k-reciprocal re-ranking with sparse neighbour vectors and with the usual dense tables.

`python bench/rerank.py` prints the time, the processor time of all cores and the peak memory, less the descriptors, of
both at a quarter of Market-1501's size, and their ratio; then of the sparse version at the full size. The dense version
keeps whole tables of distances, order and weights and loops over images, as the published implementations do. `--page`
measures one click on the Search page: one probe, 1,613 images whose neighbours are known. The data are random
descriptors of clustered identities. Each run has its own process. Linux only.
"""

import os
import sys
import time

import numpy as np
from evaluation import MARKET, Size, build_world, measured
from rows import Row, compared, record

from core.search.k_reciprocal import KReciprocal

QUARTER = Size("a quarter of Market-1501", 842, 3978, 188, 6, 698)
ROUNDS = 3


def sparse(query, gallery):
    return KReciprocal().fit(gallery).scores(query)(slice(None))


def dense(query, gallery, k1=20, k2=6, weight=0.3):
    """Compute the same scores with tables (N, N)."""
    pool = np.concatenate([query, gallery])
    distances = 2 - 2 * pool @ pool.T
    distances /= distances.max(1, keepdims=True)
    order = np.argsort(distances, axis=1)

    def mutual(image, k):
        near = order[image, : k + 1]
        return near[(order[near, : k + 1] == image).any(1)]

    vectors = np.zeros_like(distances)
    for image in range(len(pool)):
        own = members = mutual(image, k1)
        for other in own:
            more = mutual(other, k1 // 2)
            if len(np.intersect1d(more, own)) > 2 / 3 * len(more):
                members = np.union1d(members, more)
        weights = np.exp(-distances[image, members])
        vectors[image, members] = weights / weights.sum()
    vectors = np.stack([vectors[order[image, :k2]].mean(0) for image in range(len(pool))])
    having = [np.flatnonzero(column) for column in vectors.T]
    shared = np.zeros((len(query), len(pool)), np.float32)
    for probe in range(len(query)):
        for entry in np.flatnonzero(vectors[probe]):
            who = having[entry]
            shared[probe, who] += np.minimum(vectors[probe, entry], vectors[who, entry])
    final = (1 - weight) * (1 - shared / (2 - shared)) + weight * distances[: len(query)]
    return 1 - final[:, len(query) :]


def timed(way):
    """Wrap a function so that it returns its processor seconds before its scores."""

    def work(*world):
        start = time.process_time()
        scores = way(*world)
        return time.process_time() - start, scores

    return work


def line(name: str, runs: list) -> None:
    """Print the fastest run and the peak memory of all."""
    seconds, processor = min(one[0] for one in runs), min(one[2][0] for one in runs)
    extra = max(one[1] for one in runs)
    print(
        f"{name:8} {seconds:7.2f} s, {processor:.2f} s of processors    {extra / 1e9:.2f} GB beside the descriptors",
        flush=True,
    )


def headline(size: Size) -> None:
    print(f"{size.name}'s size: {size.probes:,} probes, {size.gallery:,} images, {os.cpu_count()} cores", flush=True)


def side_by_side(size: Size) -> None:
    world = build_world(size)[:2]
    headline(size)
    usual = [measured(timed(dense), world)]
    ours = [measured(timed(sparse), world) for _ in range(ROUNDS)]
    apart = np.abs(usual[0][2][1] - ours[0][2][1])
    line("dense", usual)
    line("sparse", ours)
    task = "re-ranking, a quarter of Market-1501"
    record(compared(task, [one[0] for one in ours], [usual[0][0]] * len(ours), "dense tables"))
    print(f"{(apart > 1e-4).mean():.5%} of the scores differ by more than 1e-4")


def alone(size: Size) -> None:
    headline(size)
    world = build_world(size)[:2]
    runs = [measured(timed(sparse), world) for _ in range(ROUNDS)]
    line("sparse", runs)
    record(Row(f"re-ranking, {size.name}", "", f"{min(run[0] for run in runs):.1f} s"))


def page() -> None:
    query, gallery = build_world(Size("the demo", 50, 1613, 210, 6, 375))[:2]
    start = time.perf_counter()
    fitted = KReciprocal().fit(gallery)
    once = time.perf_counter() - start
    times = []
    for probe in query:
        start = time.perf_counter()
        fitted.scores(probe[None])(slice(None))
        times.append(time.perf_counter() - start)
    print(
        f"1,613 images: {1000 * once:.0f} ms once, then {1000 * min(times):.0f} ms a probe, "
        f"median {1000 * np.median(times):.0f} ms"
    )


if __name__ == "__main__":
    if "--page" in sys.argv:
        page()
    else:
        side_by_side(QUARTER)
        alone(MARKET)
