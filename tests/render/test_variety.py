"""Groups of variety: named, recorded, independent of each other and of the number of processes."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from assets.render.cameras import draw_camera, in_sequence
from assets.render.crowd import crowd_before
from assets.render.dataset import RECORD
from assets.render.daylight import draw_shelter
from assets.render.detector import choose_window
from assets.render.noise import rng_for
from assets.render.plan import Settings
from assets.render.sensor import draw_rows, draw_sensor, expose
from assets.render.variety import GROUPS, chosen

from .conftest import digests, render


def test_groups_are_named_in_one_order():
    names = list(GROUPS)
    assert chosen(reversed(names)) == chosen(["all"]) == tuple(names)
    assert chosen([]) == ()
    with pytest.raises(ValueError, match="no variety 'colour'; choose among cameras"):
        chosen(["colour"])


def test_what_is_varied_is_recorded():
    settings = Settings(1, 2, 3, 4, vary=["cameras"])
    assert settings.record()["vary"] == ("cameras",)
    assert Settings(**json.loads(json.dumps(settings.record()))) == settings


@pytest.fixture(scope="module")
def varied(tmp_path_factory):
    return render(tmp_path_factory.mktemp("varied") / "all", *VARIED, "--jobs", "2")


VARIED = ["--seed", "3", "--train", "2", "--test", "0", "--sites", "2", "--vary", "all"]


def test_one_process_gives_the_same_varied_bytes_as_two(varied, tmp_path):
    assert digests(render(tmp_path / "one", *VARIED, "--jobs", "1")) == digests(varied)
    assert json.loads((varied / RECORD).read_text())["vary"] == list(GROUPS)


def test_variety_changes_pictures_but_no_names(varied, tmp_path):
    plain = digests(render(tmp_path / "plain", *VARIED[:-2]))
    other = digests(varied)
    assert plain.keys() == other.keys()
    pictures = [name for name in plain if name.endswith(".jpg")]
    assert pictures and all(plain[name] != other[name] for name in pictures)


def test_cameras_of_one_site_differ():
    cameras = [draw_camera(4, number, ("cameras",)) for number in range(1, 61)]
    assert min(c.kind.height for c in cameras) < 1.5 and max(c.kind.height for c in cameras) > 4.5
    assert min(c.sensor.rows[0] for c in cameras) < 60 and max(c.sensor.rows[1] for c in cameras) > 250
    for camera in cameras:
        axes = np.stack([camera.right, camera.forward, camera.up])
        assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
        assert np.rad2deg(camera.pitch) < 45
    first, second = (in_sequence(cameras[0], 4, 1, s).sensor for s in (1, 2))
    assert first.cast != second.cast and first.rows == second.rows


def test_calm_cameras_differ_less_and_go_by_the_scene():
    def sensors(*vary):
        return [in_sequence(draw_camera(4, n, vary), 4, n, 1, vary).sensor for n in range(1, 61)]

    wild, calm = sensors("cameras", "light"), sensors("cameras", "light", "calm")
    for name in ("key", "saturation", "contrast", "gamma"):
        assert np.std([getattr(s, name) for s in calm]) < 0.7 * np.std([getattr(s, name) for s in wild]), name
    assert np.std([np.log(s.cast[0]) for s in calm]) < 0.7 * np.std([np.log(s.cast[0]) for s in wild])
    grey = np.full((160, 80, 3), 0.2, np.float32)

    def brightness(sensor, light):
        sensor = replace(sensor, noise=0, haze=0, lift=0, chroma_noise=0, shoulder=0, contrast=1, quality=90)
        return np.asarray(expose(light, sensor, 160, rng_for("scene"))[0], float).mean()

    sensor = replace(calm[0], adapts=0.2, scene=(0.3, 0.3, 0.3))
    crops = replace(wild[0], adapts=0.98, key=sensor.key)
    # somebody in dark clothes stays dark where the scene is metered, and is brightened where the crop is
    assert brightness(sensor, grey / 4) < 0.75 * brightness(sensor, grey)
    assert brightness(crops, grey / 4) > 0.9 * brightness(crops, grey)
    tinted = np.asarray(expose(grey * [1.2, 1, 0.8], replace(sensor, scene=(0.36, 0.3, 0.24)), 160, rng_for(1))[0])
    left = np.asarray(expose(grey * [1.2, 1, 0.8], sensor, 160, rng_for(1))[0])
    assert np.ptp(tinted.mean((0, 1))) < 0.5 * np.ptp(left.mean((0, 1)))


def test_calm_is_not_one_of_all_and_needs_varied_cameras():
    assert chosen(["all", "calm"]) == (*GROUPS, "calm")
    assert "calm" not in chosen(["all"])
    with pytest.raises(ValueError, match="give cameras as well"):
        chosen(["calm", "light"])


def test_a_sensor_makes_a_picture_of_any_light():
    for number in range(40):
        rng = rng_for("sensor", number)
        sensor = draw_sensor(rng)
        light = np.full((160, 80, 3), (0.01, 0.2, 3.0)[number % 3], np.float32)
        picture, quality = expose(light, sensor, draw_rows(sensor, rng), rng)
        assert isinstance(picture, Image.Image) and picture.size == (80, 160) and 25 <= quality <= 95


def test_detectors_leave_margins_and_cut_people_off():
    body = np.array([[x, 10.0, z] for x in (-0.3, 0.3) for z in (0.0, 1.75)])
    camera = draw_camera(4, 1, ("cameras",))
    seen = (body - camera.origin) @ np.stack([camera.right, camera.up, camera.forward], 1)
    feet, head = (seen[i, 1] / seen[i, 2] for i in (0, 1))
    boxes = [choose_window(body, camera, rng_for("plain"), "good", rng_for("crop", i)) for i in range(300)]
    top, low = np.array([b[1] for b in boxes]), np.array([b[1] - 160 * b[3] for b in boxes])
    shape = np.array([80 * b[2] / (160 * b[3]) for b in boxes])
    assert 0.05 < (low > feet + 0.03 * (head - feet)).mean() < 0.4, "feet cut off"
    assert 0.01 < (top < head - 0.03 * (head - feet)).mean() < 0.3, "heads cut off"
    assert np.median(top - low) > 1.03 * (head - feet)
    assert np.ptp(shape) > 0.15


def test_every_hour_has_a_light():
    for number in range(1, 40):
        camera = in_sequence(draw_camera(2, number, ("light",)), 2, number, 1, ("light",))
        assert np.linalg.norm(camera.sun) == pytest.approx(1) and camera.sun[2] > 0.1
        assert min(*camera.sun_colour, *camera.sky_colour) > 0
        shelter = draw_shelter(camera, rng_for("shelter", number))
        dimmed = np.asarray(shelter.on_person(np.random.default_rng(0).normal(0, 0.5, (50, 3))))
        assert dimmed.min() >= 0 and dimmed.max() <= 1


def test_nothing_hides_more_than_half_of_a_person():
    person = np.zeros((160, 80, 4), np.float32)
    person[10:150, 25:55] = (0.2, 0.2, 0.2, 1)
    image, marked = np.zeros((160, 80, 3), np.float32), person[..., 3] > 0
    image[marked] = 7.0  # brighter than anything that could be put before it
    camera = draw_camera(4, 1, ("cameras",))
    window = (-0.05, 0.1, 0.0012, 0.0012)
    shares = []
    for number in range(80):
        after = crowd_before(image, person, camera, window, 8.0, [person], rng_for("crowd", number))
        shares.append((after[marked] == 7.0).all(1).mean())
    assert min(shares) > 0.45 and 0.1 < np.mean(np.array(shares) < 1) < 0.6
