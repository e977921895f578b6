import json
from pathlib import Path

import numpy as np
import pytest
import torch
from orders import assert_same_order

from core.data.datasets import read_dataset
from core.data.loading import load_images
from core.data.records import Record
from core.evaluation.evaluators import evaluate_single_query
from core.inference.model import load
from core.training.validation import Validation


def test_first_image_of_each_identity_and_camera_is_a_probe(market, checkpoint):
    records = read_dataset(market).train  # 4 identities, 3 cameras, 2 images each
    images, _ = load_images(records, lambda source, why: None)
    validation = Validation(images, records)
    model, network = load(checkpoint), load(checkpoint).network
    look = validation.look(network)
    query, gallery = records[0::2], records[1::2]
    expected = evaluate_single_query(*model.describe_records(query), *model.describe_records(gallery)).summary
    assert look.figures == {"recall@1": expected["recall@1"], "mAP": expected["mAP"]}
    assert network.training  # it is in training mode again


def test_one_image_of_each_identity_and_camera_is_enough(market, checkpoint):
    records = read_dataset(market).train[::2]
    images, _ = load_images(records, lambda source, why: None)
    model = load(checkpoint)
    look = Validation(images, records).look(load(checkpoint).network)
    described, _ = model.describe_records(records)
    expected = evaluate_single_query(described, records, described, records).summary
    assert look.figures == {"recall@1": expected["recall@1"], "mAP": expected["mAP"]}
    assert look.answers and all(one["path"] != each["probe"] for each in look.answers for one in each["answers"])


def test_validation_needs_images_of_two_cameras(market):
    records = read_dataset(market).train
    chosen = {"all": records, "one camera": [record for record in records if record.camera == 1], "none": []}
    images = torch.zeros(len(records), 3, 160, 60, dtype=torch.uint8)
    possible = {name: Validation(images[: len(some)], some).is_possible for name, some in chosen.items()}
    assert possible == {"all": True, "one camera": False, "none": False}


def test_histograms_and_example_rankings(market, checkpoint):
    records = read_dataset(market).train
    model = load(checkpoint)
    look = Validation(load_images(records, lambda source, why: None)[0], records).look(load(checkpoint).network)
    descriptors, _ = model.describe_records(records)
    same, other = [], []
    for i, one in enumerate(records):
        for j in range(i):
            (same if records[j].identity == one.identity else other).append(float(descriptors[i] @ descriptors[j]))
    nodes = np.linspace(-1, 1, len(look.positive))
    assert np.dot(nodes, look.positive) == pytest.approx(
        np.mean(same), abs=1e-3
    )  # linear interpolation preserves the mean
    assert np.dot(nodes, look.negative) == pytest.approx(np.mean(other), abs=1e-3)
    assert len(look.answers) == 6
    by_path = {str(record.path): index for index, record in enumerate(records)}
    for example in look.answers:
        probe = by_path[example["probe"]]
        gallery = [
            index
            for index in range(1, len(records), 2)
            if (records[index].identity, records[index].camera) != (records[probe].identity, records[probe].camera)
        ]
        scores = descriptors[gallery] @ descriptors[probe]
        order = np.argsort(-scores)
        found = [by_path[result["path"]] for result in example["answers"]]
        assert_same_order(found, np.array(gallery)[order], scores[order], top=5)
        assert [result["right"] for result in example["answers"]] == [
            records[index].identity == records[probe].identity for index in found
        ]
    assert json.loads(json.dumps(look.to_json())) == look.to_json()


def test_images_of_one_camera_cannot_be_validated(checkpoint):
    records = [Record(Path("a"), "1", 1), Record(Path("b"), "1", 1)]
    images = torch.zeros(2, 3, 160, 60, dtype=torch.uint8)
    assert Validation(images, records).look(load(checkpoint).network) is None
    assert Validation(images[:0], []).look(load(checkpoint).network) is None
