"""Compare core's exact search for one probe with a matrix product and a full sort, and with faiss's flat index.

`python bench/gallery.py [COUNT ...]` (default: 10,000, 100,000 and 1,000,000; the last takes 4 GB of memory and of
temporary files) prints the minimum of several times: as milliseconds, as bytes of descriptors per second, and as a
share of the memory bandwidth of the same cores; then the ratios. The descriptors are random, with 500 dimensions and
clusters. Five rankings are compared with those of the full sort. faiss is skipped where it is not installed.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from rows import compared, record, seconds_in_turns

from core.data.records import Record
from core.search.gallery import Gallery

DIMENSIONS, TOP, ROUNDS, PEOPLE, CAMERAS = 500, 20, 9, 1500, 6


def write_rows(file: Path, count: int) -> None:
    """Draw unit float32 descriptors (count, 500) of identities around random centres."""
    random = np.random.default_rng(0)
    centres = random.standard_normal((PEOPLE, DIMENSIONS), dtype=np.float32)
    rows = np.lib.format.open_memmap(file, "w+", np.float32, (count, DIMENSIONS))
    for start in range(0, count, 10_000):
        block = 2 * random.standard_normal((min(10_000, count - start), DIMENSIONS), dtype=np.float32)
        block += centres[np.arange(start, start + len(block)) % PEOPLE]
        rows[start : start + len(block)] = block / np.linalg.norm(block, axis=1, keepdims=True)


def read_all(rows: np.ndarray) -> None:
    """Read every byte once with all cores: a maximum over integers costs almost nothing else."""
    numbers = rows.reshape(-1).view(np.int64)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(np.max, np.array_split(numbers, 4 * os.cpu_count())))


def sorted_fully(rows: np.ndarray, probe: np.ndarray) -> np.ndarray:
    return np.argsort(-(rows @ probe), kind="stable")[:TOP]


def flat_index(rows: np.ndarray):
    """Return faiss's flat index of the rows, or None if faiss is not installed."""
    if find_spec("faiss") is None:
        print("  without faiss: `pip install faiss-cpu` brings it")
        return None
    import faiss

    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(np.ascontiguousarray(rows))
    return index


def seconds(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def side_by_side(folder: Path, count: int) -> None:
    write_rows(folder / "rows.npy", count)
    rows = np.load(folder / "rows.npy", mmap_mode="r")
    np.save(folder / "half.npy", rows.astype(np.float16))
    half = np.load(folder / "half.npy", mmap_mode="r")
    paths = np.array([f"{number}.jpg" for number in range(count)])
    people, cameras = (np.arange(count) % PEOPLE).astype(str), 1 + np.arange(count) % CAMERAS
    galleries = {"float32": Gallery(rows, paths, people, cameras), "float16": Gallery(half, paths, people, cameras)}
    probes = rows[:64] + 0.03 * np.random.default_rng(1).standard_normal((64, DIMENSIONS), dtype=np.float32)
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    probe, record_of_probe = probes[0], Record(Path("0.jpg"), people[0], int(cameras[0]))
    print(f"\n{count:,} descriptors of {DIMENSIONS} numbers, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name, gallery in galleries.items():
        print(f"  int8 codes of {name}, built at the first search: {seconds(lambda g=gallery: g.search(probe)):.1f} s")
    for number in range(5):  # all ways must return the same images
        found = galleries["float32"].search(probes[number], TOP)
        assert found["path"].tolist() == paths[sorted_fully(rows, probes[number])].tolist()
    size = 4 * count * DIMENSIONS
    flat = flat_index(rows)
    ways = {  # the last one leaves threads that spin for a while
        "reading float32": (lambda: read_all(rows), size),
        "reading one byte a number": (lambda: read_all(rows[: count // 4]), size // 4),
        "Gallery, float32": (lambda: galleries["float32"].search(probe, TOP), size // 4),
        "Gallery, float16": (lambda: galleries["float16"].search(probe, TOP), size // 4),
        "Gallery, same-camera rule": (
            lambda: galleries["float32"].search(probe, TOP, probe=record_of_probe),
            size // 4,
        ),
        "Gallery, two cameras": (lambda: galleries["float32"].search(probe, TOP, cameras=[1, 2]), size // 4),
        "product and full sort": (lambda: sorted_fully(rows, probe), size),
    }
    if flat is not None:
        ways["faiss, flat index"] = (lambda: flat.search(probe[None], TOP), size)
    times = seconds_in_turns({name: work for name, (work, _) in ways.items()}, ROUNDS)
    least = {name: min(taken) for name, taken in times.items()}
    fastest = max(ways[name][1] / least[name] for name in ways if name.startswith("reading"))
    for name, (_, read) in ways.items():
        speed = read / least[name]
        print(f"  {name:28}{1000 * least[name]:8.1f} ms {speed / 1e9:6.1f} GB/s {speed / fastest:6.0%}")
    for name in list(ways)[6:]:
        record(compared(f"search, {count:,} images, one probe", times["Gallery, float32"], times[name], name))
    each = seconds(lambda: galleries["float32"].search_each(probes, TOP)) / len(probes)
    print(f"  {len(probes)} probes at once: {1000 * each:.1f} ms each")
    if flat is not None:
        others = seconds(lambda: flat.search(probes, TOP)) / len(probes)
        record(compared(f"search, {count:,} images, {len(probes)} probes", [each], [others], "faiss, flat index"))


if __name__ == "__main__":
    for asked in map(int, sys.argv[1:] or ("10000", "100000", "1000000")):
        with tempfile.TemporaryDirectory() as made:
            side_by_side(Path(made), asked)
