"""Kill processes at random times: `python -m bench.kills [--kills 100] [--seed 0]`.

Trainers, indexers of galleries and servers of the app are killed (tests/faults/kills.py). The first loss of something
finished, and the first process that fails by itself, ends the program with an error.
"""

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def main() -> int:
    """Kill, and print how many processes were killed and how many times the work was finished."""
    from conftest import untrained, write_market
    from faults.kills import kill_indexer, kill_server, kill_trainer

    from core.inference.checkpoint import save_checkpoint

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance, servers = random.Random(options.seed), options.kills // 10
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        market, checkpoint = write_market(folder / "market"), folder / "checkpoints" / "pedestrians-mr_bcnn"
        save_checkpoint(untrained().checkpoint, checkpoint)
        os.environ |= {"MR_BCNN_DATA": str(market), "MR_BCNN_CHECKPOINTS": str(checkpoint.parent)}
        others = (options.kills - servers) // 2
        for name, work in {
            "trainers": lambda place: kill_trainer(place, market, options.kills - servers - others, chance),
            "indexers": lambda place: kill_indexer(place, checkpoint, others, chance),
            "servers": lambda place: kill_server(place, servers, chance),
        }.items():
            (folder / name).mkdir()
            outcome = work(folder / name)
            print(f"{name}: {outcome.kills} killed, {outcome.finished} finished, nothing lost", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
