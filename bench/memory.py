"""Measure the cost of returning freed memory to the system, for description and for training.

`python bench/memory.py` prints images per second and the ratio for the MR B-CNN of `fast` with 16 and 64 filters and
batch size 64: description at once and in blocks; training in a process that returns freed memory and in one that keeps
it, as `python -m core` does. The two processes take turns and use torch's default number of threads.
"""

import time
from dataclasses import replace
from multiprocessing import get_context

from rows import compared, record

BATCH, ROUNDS, FILTERS = 64, 7, (16, 64)


def work(pipe, kept: bool) -> None:
    """Run each requested measurement (what, filters) and send back its seconds."""
    from core.jobs.process_settings import keep_freed_memory

    if kept:
        keep_freed_memory()

    import torch

    from core.inference import model
    from core.inference.checkpoint import Checkpoint
    from core.losses.histogram import histogram_loss
    from core.models.network import Network
    from core.presets import fast

    networks = {filters: Network(replace(fast("mr_bcnn")[0], filters=filters)) for filters in FILTERS}
    images = torch.randint(0, 256, (BATCH, 3, 160, 60), dtype=torch.uint8)
    identities, block = torch.arange(BATCH) // 4, model.IMAGES_PER_BLOCK

    def step(filters: int) -> None:
        network = networks[filters].train()
        network.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            descriptors = network(images)
        histogram_loss(descriptors.float(), identities).backward()

    def in_blocks(filters: int, size: int = block) -> None:
        model.IMAGES_PER_BLOCK = size
        model.Model(Checkpoint(networks[filters])).describe_images(images)

    def at_once(filters: int) -> None:
        in_blocks(filters, BATCH * filters)

    ways = {"step": step, "in blocks": in_blocks, "at once": at_once}
    while request := pipe.recv():
        start = time.perf_counter()
        ways[request[0]](request[1])
        pipe.send(time.perf_counter() - start)


def main():
    context = get_context("spawn")
    pipes = []
    for kept in (False, True):
        here, there = context.Pipe()
        context.Process(target=work, args=(there, kept), daemon=True).start()
        pipes.append(here)
    given_back, kept = pipes

    def seconds(pipe, *request) -> float:
        pipe.send(request)
        return pipe.recv()

    for task, against, one, other in (
        ("describing in blocks", "at once", (given_back, "at once"), (given_back, "in blocks")),
        ("a step's gradients, memory kept", "memory given back", (given_back, "step"), (kept, "step")),
    ):
        for filters in FILTERS:
            rounds = [(seconds(*one, filters), seconds(*other, filters)) for _ in range(ROUNDS + 1)][1:]
            before, after = zip(*rounds, strict=True)
            record(compared(f"{task}, {filters} filters", list(after), list(before), against, BATCH))
    for pipe in pipes:
        pipe.send(None)


if __name__ == "__main__":
    main()
