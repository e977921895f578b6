"""One picture: pose a person, choose the box a detector would give, trace, shade, put it before a backdrop."""

import numpy as np

from .backdrop import draw_backdrop, draw_boxes, paint_backdrop
from .crowd import crowd_before, crowd_behind
from .daylight import Shelter, draw_shelter
from .detector import choose_window
from .foreground import lay_over, occlude, place_companion
from .photograph import gaussian_blur, photograph, rows_on_sensor
from .pose import Gait, pose
from .posture import carrying, draw_gait
from .scenery import choose_place, paint_place
from .trace import HEIGHT, WIDTH


def take_picture(person, materials, camera, tracer, chance, companions, box="good", vary=()):
    """-> picture, JPEG quality, the person's layer (H, W, 4), for use as a companion of others.

    chance(name) -> the picture's generator of that name; without a name, the one of the shipped set.
    box: "good" (most are), "bad" (half a person, or much too large a box), "pair" (two people in one box).
    companions: layers of other people seen by this camera. vary: groups of `variety.py`.
    """
    rng = chance()
    kind = camera.kind
    rows, sub = rows_on_sensor(camera, chance)
    feet = np.array([rng.uniform(-camera.reach, camera.reach), rng.uniform(*kind.distance), 0.0])
    heading = kind.heading + (rng.normal(0, kind.spread * 0.5) if rng.random() < 0.8 else rng.uniform(-180, 180))
    vertices, normals = _stand(person, feet, heading, rng, chance("poses") if "poses" in vary else None)
    window = choose_window(vertices[~person.is_held], camera, rng, box, chance("crops") if "crops" in vary else None)
    face, bary, normal, light = tracer(
        vertices, normals, person.faces, camera, window, feet, int(rng.integers(1 << 30)), sub
    )
    behind = _Behind(camera, feet[1], rng, chance)
    shelter = draw_shelter(camera, chance("light")) if "light" in vary else Shelter()
    layer = _shade(person, materials, camera, shelter, behind.ground_colour, face, bary, normal, light, sub)
    sunlit, open_sky = _ground_light(face, light, sub)
    image = behind.paint(window, sunlit * shelter.ground, open_sky)

    def companion(in_front, across=None):
        return place_companion(companions[rng.integers(len(companions))], rng, in_front, across)

    if "occlusion" in vary:
        crowding = chance("occlusion")
        image = lay_over(crowd_behind(image, companions, crowding), layer)
        image = crowd_before(image, layer, camera, window, feet[1], companions, crowding)
        if box == "pair":
            image = lay_over(image, companion(True, rng.choice([-1, 1]) * rng.uniform(0.28, 0.42)))
        return *photograph(image, camera, rows, rng, chance), layer

    if companions and rng.random() < 0.20:
        image = lay_over(image, companion(in_front=False))
    image = lay_over(image, layer)
    if companions and box == "pair":
        image = lay_over(image, companion(True, rng.choice([-1, 1]) * rng.uniform(0.28, 0.42)))
    elif companions and rng.random() < 0.10:
        image = lay_over(image, companion(in_front=True))
    if rng.random() < 0.11:
        image = occlude(image, camera, rng)
    return *photograph(image, camera, rows, rng, chance), layer


def take_empty_picture(camera, chance, companions):
    """A false alarm of the detector: no one is there, or someone far behind. -> picture, JPEG quality"""
    rng = chance()
    rows, _ = rows_on_sensor(camera, chance)
    y = rng.uniform(*camera.kind.distance)
    zoom, z = rng.uniform(0.35, 1.1), rng.uniform(0.6, 1.1)
    height = 1.8 * zoom / y
    centre_u = rng.uniform(-2, 2) / y
    centre_v = ((np.array([0, y, z]) - camera.origin) @ camera.up) / y
    du, dv = height / 2 / WIDTH, height / HEIGHT
    window = (centre_u - du * WIDTH / 2, centre_v + dv * HEIGHT / 2, du, dv)
    ones = np.ones((HEIGHT, WIDTH), np.float32)
    image = _Behind(camera, y - 2, rng, chance, boxes=2.5).paint(window, ones, ones)
    if companions and rng.random() < 0.15:
        image = lay_over(image, place_companion(companions[rng.integers(len(companions))], rng, False))
    if rng.random() < 0.4:
        image = occlude(image, camera, rng)
    return photograph(image, camera, rows, rng, chance)


class _Behind:
    """The camera's own places if it has any, else the shipped set's plain backdrop."""

    def __init__(self, camera, person_y, rng, chance, boxes=0.9):
        self.camera, self.person_y = camera, person_y
        self.backdrop = draw_backdrop(camera, rng, person_y, boxes)
        self.boxes = draw_boxes(self.backdrop, rng, person_y)
        self.ground_colour = self.backdrop.ground_colour
        if camera.places:
            self.rng = chance("backgrounds")
            self.place = choose_place(camera, self.rng)
            self.ground_colour = self.place.ground_colour

    def paint(self, window, sunlit, open_sky):
        if self.camera.places:
            return paint_place(self.place, self.camera, window, self.person_y, sunlit, open_sky, self.rng)
        return gaussian_blur(paint_backdrop(self.backdrop, self.boxes, self.camera, window, sunlit, open_sky), 0.7)


def _stand(person, feet, heading, rng, posing=None):
    """-> vertices, normals (N, 3) in the world; with a generator `posing` people do more than walk."""
    gaze = (float(rng.normal(0, 14)), float(rng.normal(-3, 6)))
    amplitude = person.identity.stride * rng.uniform(0.8, 1.05) if rng.random() < 0.9 else rng.uniform(0.05, 0.2)
    gait = Gait(rng.random(), amplitude, gaze)
    if posing is not None:
        gait = draw_gait(person, posing)
    vertices, normals = pose(person, carrying(person, gait))
    c, s = np.cos(np.deg2rad(heading)), np.sin(np.deg2rad(heading))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return vertices @ turn.T + feet, normals @ turn.T


def _shade(person, materials, camera, shelter, ground_colour, face, bary, normal, light, sub):
    """Hits of the subpixels -> the person's layer (H, W, 4), linear light times coverage, and coverage."""
    hit = np.nonzero(face >= 0)[0]
    corners = person.faces[face[hit]]
    weights = np.stack([bary[hit, 0], bary[hit, 1], 1 - bary[hit].sum(1)], 1).astype(np.float32)
    attributes = sum(person.attributes[corners[:, k]] * weights[:, k : k + 1] for k in range(3))
    albedo = materials(person.face_part[face[hit]], attributes)

    # One ray to the sun and one to the sky are too few: average them over the 3 x 3 subpixels that hit.
    samples = np.concatenate([light, np.ones((len(light), 1), np.float32)], 1) * (face >= 0)[:, None]
    samples = _sum3x3(samples.reshape(HEIGHT * sub, WIDTH * sub, 3)).reshape(-1, 3)[hit]
    sunlit, open_sky = (samples[:, :2] / samples[:, 2:]).T
    n = normal[hit]
    from_sun = np.clip(n @ camera.sun, 0, 1) * sunlit * shelter.on_person(attributes[:, :3])
    from_sky = open_sky * (0.62 + 0.38 * n[:, 2])
    from_ground = open_sky * 0.5 * np.clip(0.5 - 0.5 * n[:, 2], 0, 1)
    bounced = ground_colour * camera.sun_colour
    radiance = albedo * (
        from_sun[:, None] * camera.sun_colour + from_sky[:, None] * camera.sky_colour + from_ground[:, None] * bounced
    )
    layer = np.zeros((HEIGHT * sub * WIDTH * sub, 4), np.float32)
    layer[hit, :3], layer[hit, 3] = radiance, 1
    return layer.reshape(HEIGHT, sub, WIDTH, sub, 4).mean((1, 3))


def _ground_light(face, light, sub):
    """Shadows on the ground, smoothed and carried on under the person: sunlit (H, W), open sky (H, W)."""
    missed = (face < 0).astype(np.float32).reshape(HEIGHT, sub, WIDTH, sub)[:, 0, :, 0, None]
    samples = light.reshape(HEIGHT, sub, WIDTH, sub, 2)[:, 0, :, 0]
    samples = gaussian_blur(np.concatenate([samples * missed, missed], 2), 1.3)
    return np.moveaxis(samples[..., :2] / np.maximum(samples[..., 2:], 1e-3), 2, 0)


def _sum3x3(image):
    for axis in (0, 1):
        image = np.swapaxes(image, 0, axis)
        total = image.copy()
        total[1:] += image[:-1]
        total[:-1] += image[1:]
        image = np.swapaxes(total, 0, axis)
    return image
