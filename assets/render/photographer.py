"""The pictures of one chunk, in order. What a photographer keeps from chunk to chunk does not influence them."""

from collections import deque
from functools import partial

from .cameras import draw_camera, in_sequence
from .foreground import is_whole
from .materials import Materials
from .noise import rng_for
from .person import build_person
from .picture import take_empty_picture, take_picture
from .trace import Tracer


class Photographer:
    def __init__(self, body, settings):
        self.body, self.settings = body, settings
        self.tracer = Tracer()
        self.cameras = {}

    def camera(self, number, sequence):
        if (number, sequence) not in self.cameras:
            camera = draw_camera(self.settings.seed, number, self.settings.vary)
            self.cameras[number, sequence] = in_sequence(
                camera, self.settings.seed, number, sequence, self.settings.vary
            )
        return self.cameras[number, sequence]

    def photograph(self, chunk):
        """Yields shot, Pillow image, JPEG quality."""
        seen = {}  # camera -> the last people before it, (place in the chunk, layer)
        current = None
        for shot in chunk.shots:
            chance = partial(rng_for, self.settings.seed, shot.path)
            camera = self.camera(shot.camera, shot.sequence)
            recent = seen.setdefault(shot.camera, deque(maxlen=10))
            others = [layer for who, layer in recent if who != shot.person]
            if shot.box == "empty":
                yield shot, *take_empty_picture(camera, chance, others)
                continue
            if current != shot.person:
                current = shot.person
                person = build_person(self.body, chunk.people[current])
                materials = Materials(person)
            box = "bad" if shot.box == "pair" and not others else shot.box
            image, quality, layer = take_picture(
                person, materials, camera, self.tracer, chance, others, box, self.settings.vary
            )
            whole = "crops" not in self.settings.vary or is_whole(layer)
            if whole and (shot.box == "good" or (shot.box == "pair" and box == "pair")):
                recent.append((shot.person, layer))
            yield shot, image, quality
