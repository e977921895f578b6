from pathlib import Path

import torch

from core.data.layout import read_dataset
from core.data.reading import load_pictures
from core.data.records import Record
from core.describe import load
from core.evaluation.scoring import evaluate_single_query
from core.training.validation import Validation


def test_the_first_picture_of_an_identity_and_camera_is_a_probe(market, checkpoint):
    records = read_dataset(market).train  # 4 people, 3 cameras, 2 pictures each
    pictures, _ = load_pictures(records, lambda source, why: None)
    validation = Validation(pictures, records)
    model, network = load(checkpoint), load(checkpoint).network
    result = validation.evaluate(network)
    query, gallery = records[0::2], records[1::2]
    expected = evaluate_single_query(*model.describe_records(query), *model.describe_records(gallery)).summary
    assert result == {"recall@1": expected["recall@1"], "mAP": expected["mAP"]}
    assert network.training  # it goes back to training


def test_one_camera_cannot_be_validated(checkpoint):
    records = [Record(Path("a"), "1", 1), Record(Path("b"), "1", 1)]
    pictures = torch.zeros(2, 3, 160, 60, dtype=torch.uint8)
    assert Validation(pictures, records).evaluate(load(checkpoint).network) is None
    assert Validation(pictures[:0], []).evaluate(load(checkpoint).network) is None
