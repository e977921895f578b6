"""Coordination of the processes that `torchrun` starts for one training: writing, shared values, and errors.

In a process that was started alone, these functions change nothing, and `is_first` is True.
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

COLLECTIVE_TIMEOUT = timedelta(hours=2)  # the longest validation of the first process, for which the others wait
MAX_ERROR_BYTES = 500  # bytes of an error message that are sent to the other processes


@contextmanager
def join_process_group() -> Iterator[None]:
    """Join the processes that torchrun started in one group, and leave it together.

    Only the first process prints. A UserError that all processes raise is raised further by the first one alone; the
    others exit with status 2.
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
            _wait()  # torchrun kills all processes when one has ended, and the first must write the reason first
            if is_first():
                raise
            sys.exit(2)
        _wait()


def is_distributed() -> bool:
    """Return whether several processes train together."""
    return dist.is_initialized()


def count_processes() -> int:
    """Return the number of processes that train together."""
    return dist.get_world_size() if is_distributed() else 1


def is_first() -> bool:
    """Return whether this is the first process, which alone writes the run folder, the log and the progress."""
    return not is_distributed() or dist.get_rank() == 0


def own_device(name: str) -> str:
    """Return this process's device: for "cuda", a GPU that no other process of the machine uses.

    Raises:
        UserError: The machine has fewer GPUs than processes.
    """
    if not is_distributed() or name != "cuda":
        return name
    number = int(os.environ["LOCAL_RANK"])
    if number >= torch.cuda.device_count():
        raise UserError(
            f"A machine with {torch.cuda.device_count()} GPUs has more processes than GPUs. Use "
            f"--nproc-per-node {torch.cuda.device_count()}, or --device cpu."
        )
    torch.cuda.set_device(number)
    return f"cuda:{number}"


@contextmanager
def share_errors() -> Iterator[None]:
    """Raise an error of one process in all processes.

    Every process must enter this context. A process without an error of its own raises a UserError.
    """
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
    """Call `make` in the first process alone, and return its result in all processes.

    Args:
        make: Returns a JSON value. An error that it raises is raised in all processes.
    """
    if not is_distributed():
        return make()
    if not is_first():
        result = json.loads(bytes_from_first(b""))
        if "error" in result:
            raise UserError(result["error"])
        return result["value"]
    try:
        value = make()
    except Exception as error:
        bytes_from_first(json.dumps({"error": str(error)}).encode())
        raise
    bytes_from_first(json.dumps({"value": value}).encode())
    return value


def bytes_from_first(content: bytes) -> bytes:
    """Return the first process's `content` in all processes."""
    length = torch.tensor([len(content)])
    dist.broadcast(length, 0)
    data = torch.frombuffer(bytearray(content), dtype=torch.uint8) if is_first() else torch.empty(int(length)).byte()
    dist.broadcast(data, 0)
    return content if is_first() else data.numpy().tobytes()


def any_of(flag: bool) -> bool:
    """Return whether the flag is True in any process."""
    if not is_distributed():
        return flag
    flags = torch.tensor([int(flag)])
    dist.all_reduce(flags)
    return bool(flags)


def refuse_difference(what: str, fingerprint: Callable[[], int]) -> None:
    """Check that all processes have the same data.

    Args:
        what: Name of the data for the error message.
        fingerprint: Returns a number that is equal for equal data.

    Raises:
        UserError: The fingerprints differ.
    """
    if is_distributed() and len(set(_everyones(str(fingerprint())))) > 1:
        raise UserError(f"The processes have different {what}. Give all machines the same data.")


@contextmanager
def report_lost_process() -> Iterator[None]:
    """Turn the communication error that follows the death of another process into a UserError."""
    try:
        yield
    except RuntimeError as error:
        if is_distributed() and (isinstance(error, dist.DistError) or "gloo" in str(error)):
            raise UserError(
                "Another process of this training ended. Its last lines of output show the reason. Resume the run "
                "with --resume."
            ) from error
        raise


def _everyones(text: str) -> list[str]:
    """Return the text of each process, cut to MAX_ERROR_BYTES bytes, in the order of the ranks."""
    if not is_distributed():
        return [text]
    own = torch.zeros(MAX_ERROR_BYTES, dtype=torch.uint8)
    content = text.encode()[:MAX_ERROR_BYTES]
    own[: len(content)] = torch.tensor(list(content), dtype=torch.uint8)
    all_ranks = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    dist.all_gather(all_ranks, own)
    return [each.numpy().tobytes().rstrip(b"\0").decode(errors="ignore") for each in all_ranks]


def _wait() -> None:
    """Wait until all processes are here."""
    with suppress(RuntimeError):  # another process has died
        dist.barrier()
