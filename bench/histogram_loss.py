"""Compare the histogram loss with that of pytorch-metric-learning, forward and backward pass.

`python bench/histogram_loss.py` prints the ratio for batches of 128 and 512 descriptors of 500 numbers, one thread.
Both losses are compared first. Requires `pip install pytorch-metric-learning`.
"""

import time
from importlib.util import find_spec

import torch
from rows import compared, record, seconds_in_turns

from core.losses.histogram import histogram_loss

BATCHES, DIMENSIONS, ROUNDS, NODES = (128, 512), 500, 5, 201


def main():
    if find_spec("pytorch_metric_learning") is None:
        print("skipped: `pip install pytorch-metric-learning` brings the other loss")
        return
    from pytorch_metric_learning.losses import HistogramLoss

    torch.set_num_threads(1)
    other = HistogramLoss(n_bins=NODES - 1)
    for batch in BATCHES:
        descriptors = torch.randn(batch, DIMENSIONS, generator=torch.Generator().manual_seed(0), requires_grad=True)
        identities = torch.arange(batch) // 4
        losses = histogram_loss(descriptors, identities), other(descriptors, identities)
        torch.testing.assert_close(*losses, atol=1e-4, rtol=1e-3)
        ways = {
            "ours": lambda d=descriptors, i=identities: histogram_loss(d, i).backward(),
            "other": lambda d=descriptors, i=identities: other(d, i).backward(),
            "products": lambda d=descriptors: (d @ d.T).square().sum().backward(),
        }
        times = seconds_in_turns(ways, ROUNDS, time.process_time)
        record(compared(f"histogram loss, batch {batch}", times["ours"], times["other"], "metric-learning", aim=100))
        record(compared(f"histogram loss, batch {batch}", times["ours"], times["products"], "its products alone"))


if __name__ == "__main__":
    main()
