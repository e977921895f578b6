import torch

from core.config import CHOICES, TrainingConfig
from core.losses.binomial_deviance import binomial_deviance_loss
from core.losses.distillation import distillation_loss
from core.losses.histogram import histogram_loss
from core.losses.normface import normface_loss
from core.training.objective import PAIR_LOSSES, Objective

DESCRIPTORS, LABELS = torch.randn(8, 4, generator=torch.Generator().manual_seed(0)), torch.arange(8) // 2


def test_configuration_selects_the_loss():
    histogram, deviance = (
        Objective(TrainingConfig(loss=loss, cost=3), 4, 4) for loss in ("histogram", "binomial_deviance")
    )
    assert histogram(DESCRIPTORS, LABELS) == histogram_loss(DESCRIPTORS, LABELS)
    assert deviance(DESCRIPTORS, LABELS) == binomial_deviance_loss(DESCRIPTORS, LABELS, cost=3)
    assert not list(histogram.parameters())


def test_identity_weight_adds_classification():
    objective = Objective(TrainingConfig(identity_weight=0.5), 4, 4)
    loss = objective(DESCRIPTORS, LABELS)
    expected = histogram_loss(DESCRIPTORS, LABELS) + 0.5 * normface_loss(DESCRIPTORS, objective.people, LABELS)
    torch.testing.assert_close(loss, expected)
    loss.backward()
    assert objective.people.grad.abs().sum() > 0


def test_part_weight_adds_the_loss_of_each_part():
    objective = Objective(TrainingConfig(part_weight=0.5, identity_weight=0.5), 4, 4)
    parts = torch.randn(8, 3, 4, generator=torch.Generator().manual_seed(1))
    loss = objective(torch.cat([DESCRIPTORS[:, None], parts], dim=1), LABELS)
    expected = histogram_loss(DESCRIPTORS, LABELS) + 0.5 * normface_loss(DESCRIPTORS, objective.people, LABELS)
    for part in range(3):
        away = [vector - parts[:, part].mean(0) for vector in parts[:, part]]
        described = torch.stack([vector / vector.norm() for vector in away])
        expected = expected + 0.5 / 3 * histogram_loss(described, LABELS)
    torch.testing.assert_close(loss, expected)


def test_constant_added_to_a_part_does_not_change_the_loss():
    objective = Objective(TrainingConfig(part_weight=0.5), 4, 4)
    parts = torch.randn(8, 3, 4, generator=torch.Generator().manual_seed(1))
    losses = [objective(torch.cat([DESCRIPTORS[:, None], each], dim=1), LABELS) for each in (parts, parts + 3)]
    torch.testing.assert_close(*losses)


def test_each_choice_of_a_loss_has_a_function():
    assert set(PAIR_LOSSES) == set(CHOICES["loss"])


def test_parts_are_centred_by_camera_with_camera_norm():
    """A batch has the images of its first camera, then those of the second."""
    config = TrainingConfig(part_weight=0.5, batches="cameras", camera_norm=True)
    parts = torch.randn(8, 3, 4, generator=torch.Generator().manual_seed(1))
    loss = Objective(config, 4, 4)(torch.cat([DESCRIPTORS[:, None], parts], dim=1), LABELS)
    expected = histogram_loss(DESCRIPTORS, LABELS)
    for part in range(3):
        away = []
        for image in range(8):
            camera = slice(0, 4) if image < 4 else slice(4, 8)
            away.append(parts[image, part] - parts[camera, part].mean(0))
        described = torch.stack([vector / vector.norm() for vector in away])
        expected = expected + 0.5 / 3 * histogram_loss(described, LABELS)
    torch.testing.assert_close(loss, expected)
    shifted = parts.clone()
    shifted[4:] += 3  # what the second camera does to all its images
    shifted_loss = Objective(config, 4, 4)(torch.cat([DESCRIPTORS[:, None], shifted], dim=1), LABELS)
    torch.testing.assert_close(shifted_loss, loss)


def test_a_teacher_adds_the_distillation():
    teacher = torch.randn(8, 6, generator=torch.Generator().manual_seed(2))
    objective = Objective(TrainingConfig(teacher="checkpoint", teacher_weight=3), 4, 4)
    expected = histogram_loss(DESCRIPTORS, LABELS) + 3 * distillation_loss(DESCRIPTORS, teacher)
    torch.testing.assert_close(objective(DESCRIPTORS, LABELS, teacher), expected)
