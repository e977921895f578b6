"""The plan of a data set of real size, checked without rendering it."""

from collections import defaultdict

import pytest

from assets.render.plan import GALLERY, QUERY, TRAIN, Settings, make_plan


def read(path):
    """folder, identity, camera, sequence, frame, box"""
    folder, name = path.split("/")
    identity, place, frame, box = name.removesuffix(".jpg").split("_")
    camera, sequence = place.removeprefix("c").split("s")
    return folder, identity, int(camera), int(sequence), frame, box


@pytest.fixture(scope="module", params=[Settings(1, 520, 210, 500), Settings(9, 30, 41, 33, sites=3)], ids=str)
def planned(request):
    entries, chunks = make_plan(request.param)
    return request.param, entries, [read(shot.path) for chunk in chunks for shot in chunk.shots]


def test_every_query_has_a_right_answer_before_another_camera(planned):
    _, _, pictures = planned
    gallery = defaultdict(set)
    for folder, identity, camera, *_ in pictures:
        if folder == GALLERY:
            gallery[identity].add(camera)
    queries = [(identity, camera) for folder, identity, camera, *_ in pictures if folder == QUERY]
    assert queries and len(set(queries)) == len(queries), "at most one query an identity and camera"
    assert all(gallery[identity] - {camera} for identity, camera in queries)


def test_every_test_identity_has_one_query_in_each_of_its_cameras(planned):
    settings, entries, pictures = planned
    seen, asked = defaultdict(set), defaultdict(set)
    for folder, identity, camera, *_ in pictures:
        if folder != TRAIN and identity not in ("0000", "-1"):
            seen[identity].add(camera)
            if folder == QUERY:
                asked[identity].add(camera)
    assert seen == asked and len(seen) == settings.test
    assert min(map(len, seen.values())) >= 2


def test_no_identity_is_in_both_splits(planned):
    settings, entries, pictures = planned
    train = {identity for folder, identity, *_ in pictures if folder == TRAIN}
    test = {identity for folder, identity, *_ in pictures if folder != TRAIN}
    assert train.isdisjoint(test) and len(train) == settings.train
    assert [f"{e.number:04d}" for e in entries] == sorted(train | test - {"0000", "-1"})


def test_distractors_are_only_in_the_gallery_and_as_many_as_asked(planned):
    settings, _, pictures = planned
    distractors = [(folder, identity) for folder, identity, *_ in pictures if identity in ("0000", "-1")]
    assert set(distractors) == {(GALLERY, "0000"), (GALLERY, "-1")}
    assert len(distractors) == settings.distractors


def test_names_are_unique_and_frames_plausible(planned):
    _, _, pictures = planned
    assert len(set(pictures)) == len(pictures)
    assert {sequence for _, _, _, sequence, _, _ in pictures} == {1, 2, 3}
    assert all(len(frame) == 6 and len(box) == 2 for *_, frame, box in pictures)
    assert all((box == "00") == (folder == QUERY) for folder, *_, box in pictures)


def test_an_identity_stays_at_its_site(planned):
    settings, entries, pictures = planned
    site = {f"{e.number:04d}": e.site for e in entries}
    assert set(site.values()) == set(range(1, settings.sites + 1))
    for _, identity, camera, *_ in pictures:
        assert (camera - 1) // 6 + 1 == site.get(identity, (camera - 1) // 6 + 1)
        assert 1 <= camera <= 6 * settings.sites


def test_pictures_of_an_identity_are_nine_or_ten_on_average():
    _, chunks = make_plan(Settings(1, 520, 210, 0))
    assert 9 < sum(len(chunk.shots) for chunk in chunks) / 730 < 10


def test_more_than_9999_identities_have_names_of_five_digits():
    assert [Settings(1, train, test, 0).digits for train, test in ((9000, 999), (9000, 1000), (99999, 0))] == [4, 5, 5]


def test_a_shot_knows_who_is_in_it():
    _, chunks = make_plan(Settings(9, 3, 4, 12))
    identities = {shot.identity for chunk in chunks for shot in chunk.shots}
    assert identities == {-1, 0, 1, 2, 3, 4, 5, 6, 7}
