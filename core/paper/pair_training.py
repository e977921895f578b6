"""The training of the pair network of Ahmed et al. (core.baselines.improved_deep).

Ahmed et al. train with stochastic gradient descent for 210,000 steps of 128 pairs. Then they train the last layers
again with the most similar negative pairs (hard negatives). Here Adam and a decreasing learning rate serve a budget
in minutes of processor time. Each step takes some identities and two images of each, from two cameras. They are the
positive pairs. After a third of the budget, the negative pair of each image is the most similar one of `CANDIDATES`
random images.

The folder of a training has `state.safetensors` (weights and moments of Adam) and `state.json`. A training with a
larger budget continues it at the learning rate of the new schedule.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.atomic_files import replace_file
from core.baselines.improved_deep import ImprovedDeep
from core.data.augmentation import shift
from core.data.records import Record
from core.errors import UserError
from core.json_file import read_json, write_json

IDENTITIES = 32  # of a step: as many positive pairs, and as many negative pairs
CANDIDATES = 4  # random images, of which the most similar one makes the hard negative pair
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 5e-4
SHIFT_ROWS, SHIFT_COLUMNS = 8, 3  # 5 % of the image, as in the paper
SAVE_EVERY_S = 60
STATE = "state.safetensors"


class PairTraining:
    """A training that can be resumed.

    Attributes:
        network: The network.
        step: The number of finished steps.
        seconds: The processor time of the training until now.
        samples: The number of images of all pairs until now; repeated images count again.
    """

    def __init__(self, folder: Path, images: Tensor, records: Sequence[Record], seed: int = 0):
        """Create the network, or read it from the folder.

        Args:
            folder: The folder of the training.
            images: uint8 (N, 3, 160, 60).
            records: The N records.
            seed: The seed of the random numbers.

        Raises:
            UserError: If no identity was seen by two cameras.
        """
        self.folder, self.images = folder, images
        self.views = list(views_of(records).values())
        if len(self.views) < 2:
            raise UserError("The training needs at least two identities that two cameras have seen.")
        torch.manual_seed(seed)
        self.network = ImprovedDeep()
        self.network.mean = torch.stack([images[:, channel].float().mean() for channel in range(3)])
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        self.step, self.seconds, self.samples, self.seed = 0, 0.0, 0, seed
        if (folder / STATE).exists():
            self._load()

    def run(self, budget: float, say: Callable[[str], None]) -> None:
        """Train until the training has taken `budget` seconds of processor time."""
        said = saved = self.seconds
        losses: list[float] = []
        while self.seconds < budget:
            start = time.process_time()
            losses.append(self.train_step(self.seconds / budget))
            self.seconds += time.process_time() - start
            if self.seconds - saved >= SAVE_EVERY_S:
                self.save()
                saved = self.seconds
            if self.seconds - said >= SAVE_EVERY_S:
                say(f"step {self.step:,}, {self.seconds / 60:.1f} min, loss {np.mean(losses):.3f}")
                said, losses = self.seconds, []
        self.save()

    def train_step(self, done: float) -> float:
        """Do one step, and return its loss.

        Args:
            done: The share of the budget that is used, from 0 to 1.
        """
        random = np.random.default_rng([self.seed, self.step])
        torch.manual_seed(int(random.integers(2**31)))
        first, second = draw_pairs(self.views, random)
        batch = self.prepare(torch.from_numpy(np.concatenate([first, second])))
        maps = self.network.maps(batch)
        one, other = maps.chunk(2)
        count = len(first)
        negatives = torch.from_numpy(self.negatives(one, other, done > 1 / 3, random))
        logits = torch.cat([self.network.compare(one, other), self.network.compare(one, other[negatives])])
        labels = torch.arange(2).flip(0).repeat_interleave(count)  # first the pairs with the same identity
        loss = F.cross_entropy(logits, labels)
        for group in self.optimiser.param_groups:
            group["lr"] = LEARNING_RATE * (1 - 0.95 * min(1.0, done))
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.step, self.samples = self.step + 1, self.samples + 4 * count
        return loss.item()

    def negatives(self, one: Tensor, other: Tensor, hard: bool, random: np.random.Generator) -> np.ndarray:
        """Choose for each map of `one` a map of `other` of another identity -> positions (P,).

        Args:
            one: (P, 25, 37, 12), one image of each identity.
            other: (P, 25, 37, 12), the other image of each identity.
            hard: Whether the most similar of CANDIDATES images is chosen.
            random: The random generator.
        """
        count = len(one)
        tried = min(CANDIDATES if hard else 1, count - 1)
        steps = np.array([random.choice(count - 1, tried, replace=False) for _ in range(count)]) + 1
        candidates = (np.arange(count)[:, None] + steps) % count  # (P, tried), never the own identity
        if tried == 1:
            return candidates[:, 0]
        with torch.no_grad():
            scores = torch.stack([same(self.network.compare(one, other[column])) for column in candidates.T], 1)
        return candidates[np.arange(count), scores.argmax(1).numpy()]

    def prepare(self, numbers: Tensor) -> Tensor:
        """Return images of the training, shifted and mirrored at random: (N,) -> float (N, 3, 160, 60)."""
        images = shift(self.images[numbers].float(), SHIFT_ROWS, SHIFT_COLUMNS)
        images = torch.where(torch.rand(len(images), 1, 1, 1) < 0.5, images.flip(3), images)
        return scale(images, self.network)

    def save(self) -> None:
        """Write the state of the training."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        for number, moments in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{number}.{name}": value for name, value in moments.items()}
        with replace_file(self.folder / STATE) as temporary:
            save_file({name: value.contiguous() for name, value in tensors.items()}, temporary)
        about = {"step": self.step, "seconds": self.seconds, "samples": self.samples}
        write_json(self.folder / "state.json", about)

    def _load(self) -> None:
        tensors, about = load_file(self.folder / STATE), read_json(self.folder / "state.json")
        network = {name.partition(".")[2]: value for name, value in tensors.items() if name.startswith("network.")}
        self.network.load_state_dict(network)
        state = self.optimiser.state_dict()
        for name, value in tensors.items():
            if name.startswith("optimiser."):
                _, number, moment = name.split(".")
                state["state"].setdefault(int(number), {})[moment] = value
        self.optimiser.load_state_dict(state)
        self.step, self.seconds, self.samples = about["step"], about["seconds"], about["samples"]


def views_of(records: Sequence[Record]) -> dict[str, list[np.ndarray]]:
    """Return, for each identity that two cameras have seen, the positions of its images by camera."""
    found: dict[str, dict[int, list[int]]] = {}
    for position, record in enumerate(records):
        if record.identity:
            found.setdefault(record.identity, {}).setdefault(record.camera, []).append(position)
    return {
        identity: [np.array(positions) for positions in cameras.values()]
        for identity, cameras in found.items()
        if len(cameras) > 1
    }


def draw_pairs(views: Sequence[list[np.ndarray]], random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw identities, and two images of each from two cameras -> their positions, (P,) and (P,)."""
    pairs = []
    for number in random.choice(len(views), min(IDENTITIES, len(views)), replace=False):
        cameras = random.choice(len(views[number]), 2, replace=False)
        pairs.append([random.choice(views[number][camera]) for camera in cameras])
    first, second = np.array(pairs).T
    return first, second


def scale(images: Tensor, network: ImprovedDeep) -> Tensor:
    """Subtract the mean colour, and scale the values to about 1."""
    return (images - network.mean[:, None, None]) / 64


def same(logits: Tensor) -> Tensor:
    """Return the score of "same identity": (B, 2) -> (B,)."""
    return logits[:, 1] - logits[:, 0]
