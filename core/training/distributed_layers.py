"""One network on many processes, to the weights that one process would reach with the same batches.

Each process (a rank) has the same whole batch, drawn and augmented from the same seed, and describes its share of it,
under DistributedDataParallel. The descriptors are then put together, so that the loss sees all pairs of the batch.
Batch normalisation takes the mean and variance of the whole batch, dropout each image's share of one mask for the
whole batch. So results do not depend on the number of ranks, but for the order in which floating-point numbers are
added.

On gradients: every rank computes the whole loss, so the sum of the ranks' losses is `ranks` times the loss; every
exchange here has the derivative of that sum, and DistributedDataParallel's mean over ranks divides by `ranks` again.
"""

import torch
import torch.distributed as dist
import torch.nn.functional as F
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from core.errors import UserError
from core.models.dropout import Dropout, draw_mask
from core.models.network import Network
from core.training.distributed_processes import bytes_from_first, is_distributed, is_first
from core.training.objective import Objective
from core.training.resume_state import load_state, training_state


def distribute(network: Network, objective: Objective) -> tuple[nn.Module, nn.Module]:
    """Network and objective for use by all ranks: the same calls, whole batch in, whole batch out, of either.

    All ranks start with the first one's weights. A process that is alone gets back what it gave.
    """
    if not is_distributed():
        return network, objective
    share_norms(network)
    if not isinstance(network.dropout, SharedDropout):
        network.dropout = SharedDropout(network.dropout.p)
    # the statistics of batch normalisation are alike on all ranks, so they need not be sent
    describe = DistributedDataParallel(SharedNetwork(network), forward_sync_buffers=False)
    return describe, DistributedDataParallel(objective) if list(objective.parameters()) else objective


def share_state(objective: Objective, optimiser: torch.optim.Optimizer) -> None:
    """Give all ranks the first one's state of objective and optimiser, from which a resumed training goes on."""
    if is_distributed():
        content = bytes_from_first(save(training_state(objective, optimiser)) if is_first() else b"")
        if not is_first():
            load_state(load(content), objective, optimiser)


def share_of(batch: int) -> slice:
    """This rank's images of a batch. Raises UserError if there is not one for each."""
    rank, ranks = dist.get_rank(), dist.get_world_size()
    if batch < ranks:
        raise UserError(f"A batch of {batch} images cannot be shared by {ranks} processes; start fewer.")
    return slice(batch * rank // ranks, batch * (rank + 1) // ranks)


class SumOverRanks(torch.autograd.Function):
    """The sum of a tensor over all ranks; the gradient of the sum of all ranks' losses is again such a sum."""

    @staticmethod
    def forward(ctx, values: Tensor) -> Tensor:
        total = values.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        return SumOverRanks.forward(ctx, gradient)


def gather(values: Tensor, place: slice, length: int) -> Tensor:
    """(n, ...) of each rank, to be put at `place` -> (length, ...) of all, with gradients."""
    before, after = place.start, length - place.stop
    return SumOverRanks.apply(F.pad(values, (0, 0) * (values.ndim - 1) + (before, after)))


class SharedNetwork(nn.Module):
    """Images of the whole batch (B, 3, 160, 60) -> what the network makes of them; each rank computes a share."""

    def __init__(self, network: Network):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, with_parts: bool = False) -> Tensor:
        assert isinstance(self.network.dropout, SharedDropout)  # `spread` put it there
        self.network.dropout.batch = len(images)
        share = share_of(len(images))
        return gather(self.network(images[share], with_parts), share, len(images))


class SharedDropout(Dropout):
    """Dropout of a share of the batch by its part of the mask that a single process draws for the whole batch."""

    batch = 0  # images of the whole batch, which SharedNetwork sets

    def mask(self, values: Tensor) -> Tensor:
        return draw_mask(torch.Size((self.batch, *values.shape[1:])), self.p, values)[share_of(self.batch)]


class SharedBatchNorm(_BatchNorm):
    """Batch normalisation by the statistics of the whole batch.

    torch's SyncBatchNorm does the same on GPUs alone; this one runs wherever there are processes.
    """

    def _check_input_dim(self, values: Tensor) -> None:
        pass  # (n, C) and (n, C, H, W) are both well

    def forward(self, values: Tensor) -> Tensor:
        if not self.training:
            return super().forward(values)
        count, mean, variance = moments_of_all(values)
        assert self.running_mean is not None and self.running_var is not None  # all of a Network track them
        assert self.num_batches_tracked is not None and self.momentum is not None
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
            self.running_var.lerp_((variance * count / (count - 1)).to(self.running_var.dtype), self.momentum)
        factor = self.weight * torch.rsqrt(variance + self.eps)
        shape = (-1,) + (1,) * (values.ndim - 2)
        return (values * factor.view(shape) + (self.bias - mean * factor).view(shape)).to(values.dtype)


def moments_of_all(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(n, C, ...) of each rank -> the number of values a channel, their mean (C,) and variance (C,) over all ranks.

    Means and variances of the ranks are put together by Chan, Golub and LeVeque's formula (1983), which subtracts no
    large numbers from one another.
    """
    rank, ranks = dist.get_rank(), dist.get_world_size()
    values = values.float() if values.dtype in (torch.float16, torch.bfloat16) else values
    axes = [axis for axis in range(values.ndim) if axis != 1]
    variance, mean = torch.var_mean(values, dim=axes, correction=0)
    count = torch.full_like(mean, values.numel() / len(mean))
    own = torch.stack([count, mean, variance])[None]  # (1, 3, C)
    counts, means, variances = gather(own, slice(rank, rank + 1), ranks).unbind(1)  # (ranks, C) each
    total = counts.sum(0)
    weights = counts / total
    mean = (weights * means).sum(0)
    return total[0], mean, (weights * (variances + (means - mean) ** 2)).sum(0)


def share_norms(module: nn.Module) -> None:
    """Put SharedBatchNorm in the place of each batch normalisation, with its weights and statistics."""
    for name, child in module.named_children():
        if isinstance(child, _BatchNorm) and not isinstance(child, SharedBatchNorm):
            shared = SharedBatchNorm(child.num_features, child.eps, child.momentum)
            shared._parameters, shared._buffers, shared.training = child._parameters, child._buffers, child.training
            setattr(module, name, shared)
        else:
            share_norms(child)
