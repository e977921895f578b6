"""Suspicious labels: the formulas against naive loops, and the precision on planted errors."""

import numpy as np
import pytest

from core.data.records import DISTRACTOR
from core.evaluation import label_errors
from core.evaluation.label_errors import FAR, NEAR, NEAR_MARGIN, describe_suspicion, find_label_errors, mean_scores


def make_people(people=30, images=6, cameras=3, length=24, noise=0.5, seed=0):
    """Descriptors around a centre for each identity, moved by a shift for each camera."""
    random = np.random.default_rng(seed)
    identities = np.repeat([f"{number:03d}" for number in range(people)], images).astype("<U8")
    cams = np.tile(np.arange(images) % cameras + 1, people)
    centres, shifts = random.normal(size=(people, length)), 0.5 * random.normal(size=(cameras + 1, length))
    vectors = np.repeat(centres, images, axis=0) + shifts[cams] + noise * random.normal(size=(len(cams), length))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    order = random.permutation(len(cams))
    return vectors[order].astype(np.float32), identities[order], cams[order]


def naive_scaled(vectors, identities, cameras):
    """u(i, j) of all pairs, by loops."""
    count = len(vectors)
    scores = vectors.astype(float) @ vectors.astype(float).T
    pairs = [(i, j) for i in range(count) for j in range(count) if i != j]
    scaled = np.zeros((count, count))
    for same_camera in (False, True):
        kind = [(i, j) for i, j in pairs if (cameras[i] == cameras[j]) == same_camera]
        high = np.mean([scores[i, j] for i, j in kind if identities[i] == identities[j]])
        low = np.mean([scores[i, j] for i, j in kind if identities[i] != identities[j]])
        for i, j in kind:
            scaled[i, j] = (scores[i, j] - low) / (high - low)
    return scaled


def naive_suspicions(vectors, identities, cameras):
    """The kind, the images' labels and the score of each suspicion, by loops."""
    scaled, count, names = naive_scaled(vectors, identities, cameras), len(vectors), sorted(set(identities))
    c = {
        (i, name): np.median([scaled[i, j] for j in range(count) if identities[j] == name and j != i])
        for i in range(count)
        for name in names
    }
    g = {(a, b): np.mean([c[i, b] for i in range(count) if identities[i] == a]) for a in names for b in names}
    nearest = {a: max((b for b in names if b != a), key=lambda b: g[a, b]) for a in names}
    found = {}
    for i in range(count):
        own, across = c[i, identities[i]], max(c[i, b] for b in names if b != identities[i])
        if across > own:
            found[FAR, i] = across - own
    for a in names:
        b = nearest[a]
        score = min(g[a, b], g[b, a]) - (g[a, a] + g[b, b]) / 2 + NEAR_MARGIN
        if a < b and nearest[b] == a and score > 0:
            found[NEAR, (a, b)] = score
    return found


@pytest.mark.parametrize("block_bytes", [label_errors.BLOCK_BYTES, 4 * 48 * 5, 1])
def test_the_scores_are_those_of_naive_loops_for_any_size_of_blocks(monkeypatch, block_bytes):
    monkeypatch.setattr(label_errors, "BLOCK_BYTES", block_bytes)
    vectors, identities, cameras = make_people(people=8, noise=1.1)
    identities[identities == "006"] = "005"  # an identity of 12 images
    identities[np.flatnonzero(identities == "001")[:3]] = "001b"  # two labels of one person
    expected = naive_suspicions(vectors, identities, cameras)
    found = {}
    for one in find_label_errors(vectors, identities, cameras):
        pair = tuple(sorted((identities[one.image], identities[one.other])))
        found[(one.kind, one.image) if one.kind == FAR else (NEAR, pair)] = one.score
    assert {kind for kind, _ in expected} == {FAR, NEAR}
    assert found == pytest.approx(expected, abs=2e-4)


def test_mean_scores_are_those_of_all_pairs():
    vectors, identities, cameras = make_people(people=5)
    scores, groups = vectors @ vectors.T, np.unique(identities, return_inverse=True)[1]
    scale = mean_scores(vectors, groups, cameras)
    others = ~np.eye(len(vectors), dtype=bool)
    same_camera, same = cameras[:, None] == cameras, (groups[:, None] == groups)
    for kind, is_kind in enumerate((~same_camera, same_camera)):
        assert scale.same[kind] == pytest.approx(scores[is_kind & same & others].mean(), abs=1e-5)
        assert scale.different[kind] == pytest.approx(scores[is_kind & ~same].mean(), abs=1e-5)


def test_a_kind_without_pairs_has_the_mean_of_both_kinds():
    vectors, identities, _ = make_people(people=4)
    groups = np.unique(identities, return_inverse=True)[1]
    scale = mean_scores(vectors, groups, np.zeros(len(groups), int))
    assert scale.same[0] == scale.same[1]
    assert scale.different[0] == scale.different[1]


def test_the_first_suspicions_are_the_planted_wrong_labels():
    vectors, truth, cameras = make_people(people=60)
    random, identities = np.random.default_rng(5), truth.copy()
    planted = random.choice(len(truth), len(truth) // 20, replace=False)
    for image in planted:
        identities[image] = random.choice(np.unique(truth[truth != truth[image]]))
    first = find_label_errors(vectors, identities, cameras)[: len(planted)]
    assert np.mean([one.kind == FAR and one.image in planted for one in first]) >= 0.95
    right = [identities[one.nearest] == truth[one.image] for one in first if one.image in planted]
    assert np.mean(right) >= 0.95
    assert all(identities[one.other] == identities[one.image] for one in first if one.kind == FAR)


def test_an_image_of_a_wrong_tracklet_is_found():
    vectors, identities, cameras = make_people(people=40, images=9)
    wrong = np.flatnonzero((identities == "003") & (cameras == 2))
    identities[wrong] = "020"
    first = find_label_errors(vectors, identities, cameras)[: len(wrong)]
    assert {one.image for one in first} == set(wrong.tolist())


def test_two_labels_of_one_person_are_found():
    vectors, identities, cameras = make_people(people=40, images=8)
    for name in ("004", "011", "023"):
        identities[np.flatnonzero(identities == name)[:4]] = name + "b"
    near = [one for one in find_label_errors(vectors, identities, cameras) if one.kind == NEAR]
    pairs = [tuple(sorted((identities[one.image], identities[one.other]))) for one in near]
    assert set(pairs[:3]) == {("004", "004b"), ("011", "011b"), ("023", "023b")}


def test_the_scale_makes_cameras_comparable():
    """Images of one camera are much more alike, but a wrong label within it is found."""
    random = np.random.default_rng(2)
    people, length = 20, 32
    identities = np.repeat([f"{number:02d}" for number in range(people)], 6)
    cameras = np.tile([1, 1, 1, 2, 2, 2], people)
    shifts = 2.0 * random.normal(size=(3, length))
    vectors = np.repeat(random.normal(size=(people, length)), 6, axis=0) + shifts[cameras]
    vectors += 0.3 * random.normal(size=vectors.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    identities[6] = "00"  # an image of 01 from camera 1
    assert find_label_errors(vectors, identities, cameras)[0].image == 6


def test_unlabelled_images_and_distractors_are_not_used():
    vectors, identities, cameras = make_people(people=12, noise=1.0)
    before = find_label_errors(vectors, identities, cameras)
    extra = np.tile(vectors[:6], (2, 1))
    found = find_label_errors(
        np.concatenate([vectors, extra]),
        np.concatenate([identities, [""] * 6, [DISTRACTOR] * 6]),
        np.concatenate([cameras, np.ones(12, int)]),
    )
    assert found == before


def test_only_suspicions_of_some_cameras_are_listed():
    vectors, identities, cameras = make_people(people=12, noise=1.2)
    everything = find_label_errors(vectors, identities, cameras)
    some = find_label_errors(vectors, identities, cameras, [2])
    assert some == [one for one in everything if 2 in (cameras[one.image], cameras[one.other])]
    assert 0 < len(some) < len(everything)


def test_one_identity_or_none_has_no_suspicion():
    vectors, identities, cameras = make_people(people=2)
    assert find_label_errors(vectors, np.full(len(identities), "a"), cameras) == []
    assert find_label_errors(vectors, np.full(len(identities), ""), cameras) == []


def test_each_kind_has_a_sentence_with_the_identities_and_similarities():
    vectors, identities, cameras = make_people(people=20, images=8)
    identities[np.flatnonzero(identities == "004")[:4]] = "004b"
    identities[np.flatnonzero(identities == "009")[0]] = "012"
    found = find_label_errors(vectors, identities, cameras)
    far = next(one for one in found if one.kind == FAR)
    near = next(one for one in found if one.kind == NEAR)
    assert f"similarity to 012 is {far.own:.2f}, to 009 {far.across:.2f}" in describe_suspicion(far, identities)
    assert "004" in describe_suspicion(near, identities)
    assert "may be one person" in describe_suspicion(near, identities)
