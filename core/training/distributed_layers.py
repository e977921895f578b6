"""Layers that train one network on several processes, with the same result as one process.

Every process (a rank) draws and augments the same whole batch from the same seed, and describes its share of the images
with DistributedDataParallel. The descriptors of all ranks are then gathered, so that the loss covers all pairs of the
batch. Batch normalisation uses the mean and variance of the whole batch. Dropout draws one mask for the whole batch, of
which each rank uses its share. The result therefore does not depend on the number of ranks, except for the order of
floating-point additions.

Gradients: every rank computes the whole loss, so the sum of the losses of all ranks is `ranks` times the loss. The
functions here return the derivative of that sum, and DistributedDataParallel divides it by `ranks` when it averages
over the ranks.
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
    """Wrap a network and an objective for use by all ranks.

    The wrapped modules are called in the same way: both take the whole batch, and return the result of the whole batch.
    All ranks start with the weights of the first one. A single process gets the network and the objective unchanged.
    """
    if not is_distributed():
        return network, objective
    share_norms(network)
    if not isinstance(network.dropout, SharedDropout):
        network.dropout = SharedDropout(network.dropout.p)
    # buffers need no synchronisation: the statistics of batch normalisation are equal on all ranks
    describe = DistributedDataParallel(SharedNetwork(network), forward_sync_buffers=False)
    return describe, DistributedDataParallel(objective) if list(objective.parameters()) else objective


def share_state(objective: Objective, optimiser: torch.optim.Optimizer) -> None:
    """Copy the first rank's state of the objective and the optimiser to all ranks, for resuming."""
    if is_distributed():
        content = bytes_from_first(save(training_state(objective, optimiser)) if is_first() else b"")
        if not is_first():
            load_state(load(content), objective, optimiser)


def share_of(batch: int) -> slice:
    """Return this rank's share of the images of a batch.

    Raises:
        UserError: The batch has fewer images than there are ranks.
    """
    rank, ranks = dist.get_rank(), dist.get_world_size()
    if batch < ranks:
        raise UserError(f"A batch of {batch} images cannot be shared by {ranks} processes. Start fewer processes.")
    return slice(batch * rank // ranks, batch * (rank + 1) // ranks)


class SumOverRanks(torch.autograd.Function):
    """The sum of a tensor over all ranks, whose gradient is the sum of the gradients over all ranks."""

    @staticmethod
    def forward(ctx, values: Tensor) -> Tensor:
        """Return the sum of `values` over all ranks."""
        total = values.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        """Return the sum of the gradients of all ranks."""
        return SumOverRanks.forward(ctx, gradient)


def gather(values: Tensor, rows: slice, length: int) -> Tensor:
    """Gather the values (n, ...) of each rank in one tensor (length, ...), with gradients.

    Args:
        values: The values of this rank.
        rows: The n rows of the result that this rank's values become.
        length: Number of rows of the result.
    """
    before, after = rows.start, length - rows.stop
    return SumOverRanks.apply(F.pad(values, (0, 0) * (values.ndim - 1) + (before, after)))


class SharedNetwork(nn.Module):
    """Applies a network to the images of the whole batch (B, 3, 160, 60), of which each rank computes a share."""

    def __init__(self, network: Network):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, with_parts: bool = False) -> Tensor:
        """Return the network's output for the whole batch."""
        assert isinstance(self.network.dropout, SharedDropout)  # `distribute` put it there
        self.network.dropout.batch = len(images)
        share = share_of(len(images))
        return gather(self.network(images[share], with_parts), share, len(images))


class SharedDropout(Dropout):
    """Dropout of a rank's share of the batch, with its share of the mask of the whole batch."""

    batch = 0  # number of images of the whole batch; SharedNetwork sets it

    def mask(self, values: Tensor) -> Tensor:
        """Return this rank's share of the mask that a single process would draw for the whole batch."""
        return draw_mask(torch.Size((self.batch, *values.shape[1:])), self.p, values)[share_of(self.batch)]


class SharedBatchNorm(_BatchNorm):
    """Batch normalisation with the statistics of the whole batch.

    torch.nn.SyncBatchNorm does the same but supports only GPUs.
    """

    def _check_input_dim(self, values: Tensor) -> None:
        pass  # accepts (n, C) and (n, C, H, W)

    def forward(self, values: Tensor) -> Tensor:
        """Normalise the values (n, C, ...) of this rank."""
        if not self.training:
            return super().forward(values)
        count, mean, variance = moments_of_all(values)
        assert self.running_mean is not None and self.running_var is not None  # every Network tracks them
        assert self.num_batches_tracked is not None and self.momentum is not None
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
            self.running_var.lerp_((variance * count / (count - 1)).to(self.running_var.dtype), self.momentum)
        factor = self.weight * torch.rsqrt(variance + self.eps)
        shape = (-1,) + (1,) * (values.ndim - 2)
        return (values * factor.view(shape) + (self.bias - mean * factor).view(shape)).to(values.dtype)


def moments_of_all(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Compute the mean and variance of each channel over all ranks.

    Args:
        values: The values (n, C, ...) of this rank.

    Returns:
        The number of values per channel, their mean (C,) and their variance (C,).

    Source:
        Chan, Golub and LeVeque (1983): the formula combines the means and variances of the ranks without subtracting
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
    """Replace each batch normalisation of a module by SharedBatchNorm with the same weights and statistics."""
    for name, child in module.named_children():
        if isinstance(child, _BatchNorm) and not isinstance(child, SharedBatchNorm):
            shared = SharedBatchNorm(child.num_features, child.eps, child.momentum)
            shared._parameters, shared._buffers, shared.training = child._parameters, child._buffers, child.training
            setattr(module, name, shared)
        else:
            share_norms(child)
