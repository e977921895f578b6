"""The teacher of a distillation: a checkpoint whose descriptors of the training images a network learns to imitate."""

from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from core.errors import UserError
from core.inference.model import load
from core.training.distributed_processes import is_first

IMAGES_PER_BATCH = 128


def describe_by_teacher(checkpoint: str, images: Tensor, device: str) -> Tensor:
    """Describe the training images by the teacher, once and without augmentation.

    Args:
        checkpoint: The teacher: a checkpoint folder or a run folder.
        images: uint8 (N, 3, H, W).
        device: The device that describes.

    Returns:
        Descriptors, float32 (N, T).

    Raises:
        UserError: If there is no such checkpoint, if it is a comparison method, or if it takes images of another size.
    """
    model = load(Path(checkpoint), device)
    if model.lifts:
        raise UserError(f"{checkpoint} is a comparison method. A teacher must be a network.")
    rows, columns = model.network.config.image_size
    if images.shape[2:] != (rows, columns):
        raise UserError(
            f"The teacher {checkpoint} takes images of {rows} x {columns} pixels, and the network "
            f"{images.shape[2]} x {images.shape[3]}. They must take the same size."
        )
    with tqdm(total=len(images), desc="teacher", unit="image", disable=not is_first()) as bar:
        described = []
        for batch in images.split(IMAGES_PER_BATCH):
            described.append(torch.from_numpy(model.describe_images(batch)))
            bar.update(len(batch))
    return torch.cat(described)
