"""Processes that train as one, started by `torchrun`: who writes, what all agree on, how an error of one ends all.

A process that was started alone is the first of one, and nothing here does anything.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist

from core.errors import UserError

COLLECTIVE_TIMEOUT = timedelta(hours=2)  # the others wait for as long while the first validates
MAX_ERROR_BYTES = 500  # bytes of an error that the others hear


@contextmanager
def join_process_group() -> Iterator[None]:
    """The processes that torchrun started meet, and leave together; those that are not the first print nothing.

    A UserError, which all have, is left to the first to print; the others end with exit status 2.
    """
    if int(os.environ.get("WORLD_SIZE", 1)) == 1:
        yield
        return
    dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo", timeout=COLLECTIVE_TIMEOUT)
    with ExitStack() as stack:
        stack.callback(dist.destroy_process_group)
        if not is_first():
            stack.enter_context(redirect_stdout(stack.enter_context(open(os.devnull, "w"))))
        try:
            yield
        except UserError:
            _wait()  # torchrun ends all as soon as one has ended, and the first has to write down why
            if is_first():
                raise
            sys.exit(2)
        _wait()


def is_distributed() -> bool:
    return dist.is_initialized()


def count_processes() -> int:
    return dist.get_world_size() if is_distributed() else 1


def is_first() -> bool:
    """Whether this process writes: run folder, log, progress."""
    return not is_distributed() or dist.get_rank() == 0


def own_device(name: str) -> str:
    """Of several GPUs "cuda" is for each process of a machine another. Raises UserError if there are too few."""
    if not is_distributed() or name != "cuda":
        return name
    number = int(os.environ["LOCAL_RANK"])
    if number >= torch.cuda.device_count():
        raise UserError(
            f"A machine with {torch.cuda.device_count()} GPUs was given more processes; use "
            f"--nproc-per-node {torch.cuda.device_count()}, or --device cpu."
        )
    torch.cuda.set_device(number)
    return f"cuda:{number}"


@contextmanager
def together() -> Iterator[None]:
    """Around what all processes do: the error of one is raised by all, as a UserError by those that had none."""
    error = None
    try:
        yield
    except Exception as caught:
        error = caught
    messages = _everyones(str(error) if error else "")
    if error:
        raise error
    for rank, message in enumerate(messages):
        if message:
            raise UserError(f"Process {rank} of {len(messages)}: {message}")


def from_first(make: Callable[[], Any]) -> Any:
    """What `make` gives, a JSON value, made by the first process alone; its error is raised by all."""
    if not is_distributed():
        return make()
    if not is_first():
        answer = json.loads(bytes_from_first(b""))
        if "error" in answer:
            raise UserError(answer["error"])
        return answer["value"]
    try:
        value = make()
    except Exception as error:
        bytes_from_first(json.dumps({"error": str(error)}).encode())
        raise
    bytes_from_first(json.dumps({"value": value}).encode())
    return value


def bytes_from_first(content: bytes) -> bytes:
    """The first process's content, at every process."""
    length = torch.tensor([len(content)])
    dist.broadcast(length, 0)
    data = torch.frombuffer(bytearray(content), dtype=torch.uint8) if is_first() else torch.empty(int(length)).byte()
    dist.broadcast(data, 0)
    return content if is_first() else data.numpy().tobytes()


def any_of(flag: bool) -> bool:
    """Whether any process says so."""
    if not is_distributed():
        return flag
    flags = torch.tensor([int(flag)])
    dist.all_reduce(flags)
    return bool(flags)


def refuse_difference(what: str, fingerprint: Callable[[], int]) -> None:
    """Raises UserError unless something, which the number stands for, is the same at all processes."""
    if is_distributed() and len(set(_everyones(str(fingerprint())))) > 1:
        raise UserError(f"The processes have different {what}; give all machines the same.")


@contextmanager
def losing_none() -> Iterator[None]:
    """Around what processes do hand in hand: that another one died is said in a sentence, as a UserError."""
    try:
        yield
    except RuntimeError as error:
        if is_distributed() and (isinstance(error, dist.DistError) or "gloo" in str(error)):
            raise UserError(
                "Another process of this training ended; its own last lines say why. Go on with --resume."
            ) from error
        raise


def _everyones(text: str) -> list[str]:
    if not is_distributed():
        return [text]
    own = torch.zeros(MAX_ERROR_BYTES, dtype=torch.uint8)
    content = text.encode()[:MAX_ERROR_BYTES]
    own[: len(content)] = torch.tensor(list(content), dtype=torch.uint8)
    all_ranks = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    dist.all_gather(all_ranks, own)
    return [each.numpy().tobytes().rstrip(b"\0").decode(errors="ignore") for each in all_ranks]


def _wait() -> None:
    with suppress(RuntimeError):  # one that is gone need not be waited for
        dist.barrier()
