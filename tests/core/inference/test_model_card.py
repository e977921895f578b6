from dataclasses import replace

import pytest

from core.inference.checkpoint import Checkpoint
from core.inference.model_card import replace_section, write_card
from core.models.network import Network
from core.presets import fast


def test_card_states_training_and_results():
    network, training = fast("b_cnn")
    result = {"recall@1": 50.0, "mAP": 25.0, "probes": 4, "gallery": 9, "protocol": "single query"}
    metrics = {"step": 500, "training_seconds": 600, "machine": "2 CPU threads", "results": {"streets": result}}
    data = {"name": "people", "training": "90 images", "validation": "18 images"}
    card = write_card("mine", Checkpoint(Network(network), training, data, metrics), "Free to use.")
    assert card.startswith("# mine\n")
    for fact in (
        "b_cnn",
        "16 filters",
        "people: 90 images",
        "step 500 of 10000",
        "10 minutes on 2 CPU threads",
        "streets: recall@1 50.00 %, mAP 25.00 %",
        "4 probes, gallery of 9",
        "Free to use.",
    ):
        assert fact in card


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [("histogram", "histogram loss with 201 nodes"), ("binomial_deviance", "binomial deviance with cost 3")],
)
def test_card_names_the_loss_of_the_training(loss, sentence):
    network, training = fast("b_cnn")
    checkpoint = Checkpoint(Network(network), replace(training, loss=loss, cost=3.0))
    assert f"64 images a step, {sentence}\n" in write_card("mine", checkpoint, "None.")


def test_card_of_an_untrained_network():
    assert "Not trained." in write_card("new", Checkpoint(Network(fast("cnn")[0])), "None.")


def test_a_section_is_put_before_the_terms_and_replaced():
    card = replace_section("# x\n\n## Results\n\nNone.\n\n## Terms\n\nFree.\n", "Calibration", "One.")
    assert card == "# x\n\n## Results\n\nNone.\n\n## Calibration\n\nOne.\n\n## Terms\n\nFree.\n"
    assert replace_section(card, "Calibration", "Two.") == card.replace("One.", "Two.")
    assert replace_section(card, "Terms", "Other.") == card.replace("Free.", "Other.")
