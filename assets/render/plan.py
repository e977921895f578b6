"""Who is photographed where: the whole data set as a list of chunks of named pictures, before any is made.

Layout and names are Market-1501's: `0002_c1s2_000451_03.jpg` is identity, camera, sequence, frame, box; box 00
is a query. In the gallery `0000` is a false alarm of the detector, a wrong answer to every query, and `-1` is
junk, a box too bad to count as right or wrong.
"""

from dataclasses import asdict, dataclass

from .cameras import PER_SITE, SEQUENCES
from .identities import Identity, sample_families, sample_identities
from .noise import pick, rng_for
from .variety import chosen

TRAIN, GALLERY, QUERY = "bounding_box_train", "bounding_box_test", "query"
PEOPLE_A_CHUNK = 16
FALSE_ALARMS_A_CHUNK, PASSERS_BY_A_CHUNK = 48, 8
JUNK_SHARE = 0.25  # of the distractors
MOST_IDENTITIES = 99999


@dataclass(frozen=True)
class Settings:
    """All that the bytes of a data set depend on."""

    seed: int
    train: int
    test: int
    distractors: int
    sites: int = 1
    vary: tuple[str, ...] = ()  # groups of `variety.py`

    def __post_init__(self):
        object.__setattr__(self, "vary", chosen(self.vary))  # always in one order

    @property
    def digits(self):
        """Of an identity in file names: four as in Market-1501, five for very many."""
        return max(4, len(str(self.train + self.test)))

    def record(self):
        """For rendering.json; what is not varied is not mentioned, as in the shipped set."""
        return {name: value for name, value in asdict(self).items() if value != ()}


@dataclass(frozen=True)
class Shot:
    path: str  # folder/name
    person: int  # place in the chunk's list of people
    camera: int
    sequence: int
    box: str  # "good", "bad", "pair", "empty"

    @property
    def identity(self):
        """The number in the file's name: 0 a false alarm, -1 junk."""
        return int(self.path.split("/")[1].split("_")[0])


@dataclass(frozen=True)
class Chunk:
    """The unit of work. People of a chunk are each other's companions, so a chunk depends on no other one."""

    people: tuple[Identity, ...]
    shots: tuple[Shot, ...]


@dataclass(frozen=True)
class Entry:
    """A row of identities.csv."""

    number: int
    name: str  # the number as in file names
    split: str
    site: int
    family: int  # of look-alikes, from 1
    identity: Identity


def make_plan(settings):
    """Settings -> entries, chunks"""
    entries = list_entries(settings)
    taken = set()
    junk = _deal_junk(settings)
    chunks = []
    for split in ("train", "test"):
        for site in range(1, settings.sites + 1):
            local = [e for e in entries if e.split == split and e.site == site]
            for start in range(0, len(local), PEOPLE_A_CHUNK):
                chunks.append(_people_chunk(settings, local[start : start + PEOPLE_A_CHUNK], junk, taken))
    false_alarms = settings.distractors - sum(junk.values())
    for number, start in enumerate(range(0, false_alarms, FALSE_ALARMS_A_CHUNK)):
        count = min(FALSE_ALARMS_A_CHUNK, false_alarms - start)
        chunks.append(_false_alarm_chunk(settings, number, count, taken))
    return entries, chunks


def list_entries(settings):
    """Settings -> a row of identities.csv for each identity"""
    entries = []
    for split, count in (("train", settings.train), ("test", settings.test)):
        before = max((e.family for e in entries), default=0)  # families of the other split
        people = sample_identities(count, settings.seed, split, settings.vary)
        families = sample_families(count, settings.seed, split)
        for identity, family in zip(people, families, strict=True):
            number = len(entries) + 1
            name, site = f"{number:0{settings.digits}d}", len(entries) % settings.sites + 1
            entries.append(Entry(number, name, split, site, before + family + 1, identity))
    return entries


def _deal_junk(settings):
    """{number of a test identity: how many junk pictures}"""
    rng = rng_for(settings.seed, "junk")
    dealt = {}
    for _ in range(round(settings.distractors * JUNK_SHARE)):
        number = settings.train + 1 + int(rng.integers(settings.test))
        dealt[number] = dealt.get(number, 0) + 1
    return dealt


def _people_chunk(settings, entries, junk, taken):
    shots = []
    for person, entry in enumerate(entries):
        rng = rng_for(settings.seed, "visits", entry.number)
        count = pick(rng, {2: 0.15, 3: 0.35, 4: 0.3, 5: 0.2})
        cameras = [(entry.site - 1) * PER_SITE + 1 + int(c) for c in rng.permutation(PER_SITE)[:count]]
        for visit, camera in enumerate(cameras):
            pictures = pick(rng, {1: 0.15, 2: 0.3, 3: 0.35, 4: 0.2})
            if entry.split == "test" and visit < 2:
                # Two cameras with a gallery picture: then the query of any camera has a right answer elsewhere.
                pictures = max(pictures, 2)
            sequence, frame = 1 + int(rng.integers(SEQUENCES)), int(rng.integers(1, 90000))
            for i in range(pictures):
                folder = TRAIN if entry.split == "train" else QUERY if i == 0 else GALLERY
                box = 0 if folder == QUERY else int(rng.integers(1, 5))
                path = _name(folder, entry.name, camera, sequence, frame, box, taken)
                shots.append(Shot(path, person, camera, sequence, "good"))
                frame += int(rng.integers(10, 80))
        for _ in range(junk.get(entry.number, 0)):
            camera = cameras[rng.integers(len(cameras))]
            sequence, frame = 1 + int(rng.integers(SEQUENCES)), int(rng.integers(1, 90000))
            path = _name(GALLERY, "-1", camera, sequence, frame, int(rng.integers(1, 8)), taken)
            shots.append(Shot(path, person, camera, sequence, "bad"))
    return Chunk(tuple(e.identity for e in entries), tuple(shots))


def _false_alarm_chunk(settings, number, count, taken):
    """Passers-by who are no identity of the data set, and empty boxes."""
    rng = rng_for(settings.seed, "false alarms", number)
    site = number % settings.sites
    passers_by = sample_identities(5 * PASSERS_BY_A_CHUNK, settings.seed, f"passers-by {number}", settings.vary)
    passers_by = passers_by[:PASSERS_BY_A_CHUNK]  # out of several families
    shots = []
    for i in range(count):
        camera, sequence = site * PER_SITE + 1 + int(rng.integers(PER_SITE)), 1 + int(rng.integers(SEQUENCES))
        box = pick(rng, dict(empty=0.35, bad=0.4, pair=0.25))
        path = _name(GALLERY, "0000", camera, sequence, int(rng.integers(1, 90000)), int(rng.integers(1, 8)), taken)
        shots.append(Shot(path, i * PASSERS_BY_A_CHUNK // count, camera, sequence, box))
    return Chunk(tuple(passers_by), tuple(shots))


def _name(folder, identity, camera, sequence, frame, box, taken):
    """A file name not taken yet: the next free frame."""
    while (path := f"{folder}/{identity}_c{camera}s{sequence}_{frame:06d}_{box:02d}.jpg") in taken:
        frame += 1
    taken.add(path)
    return path
