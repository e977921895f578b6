"""Updates that are killed at every step, and simultaneous updates: the gallery is the same as without."""

import math
import shutil
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import draw_person
from describers import describe
from trainers import command, ended, start

from core.galleries.adding import add_folder, add_zip
from core.galleries.catalog import create_gallery, find_gallery, list_galleries
from core.galleries.overview import overview
from core.galleries.update import launch
from core.jobs.progress import LOST

pytestmark = pytest.mark.slow
IMAGES, BLOCK = 20, 4
KILLED = -9


def folder_of(tmp_path, name, people):
    folder = tmp_path / name
    folder.mkdir()
    for identity in people:
        draw_person(identity, 1, 0).save(folder / f"{identity:02d}.png")
    return folder


def test_update_killed_at_every_step(checkpoint, tmp_path):
    folder = folder_of(tmp_path, "images", range(IMAGES))
    (folder / "05.png").write_bytes(b"no image")
    packed = Path(shutil.make_archive(str(tmp_path / "more"), "zip", folder_of(tmp_path, "more", range(50, 54))))
    galleries = [create_gallery(name, tmp_path / "galleries", checkpoint) for name in ("whole", "killed")]
    for gallery in galleries:
        add_folder(gallery, folder)
        add_zip(gallery, packed)
    whole, killed = galleries
    assert ended(start(describe, whole.folder, BLOCK, tmp_path / "once", math.inf)) == [0]
    journal, kill_count, codes, states = tmp_path / "again", 0, [KILLED], []
    while codes == [KILLED]:
        life = 1 + 0.5 * kill_count  # a little longer each time, so that each step is interrupted at some time
        codes = ended(start(describe, killed.folder, BLOCK, journal, life))
        states.append(killed.progress.state)
        kill_count += codes == [KILLED]
    assert codes == [0] and kill_count >= 7 and set(states[:-1]) <= {LOST, "", "finished"} and states[-1] == "finished"
    described = Counter(journal.read_text().split())
    once = Counter((tmp_path / "once").read_text().split())
    assert set(described) == set(once) and sum(described.values()) <= sum(once.values()) + kill_count * BLOCK
    compare = [gallery.records().assign(changed=0) for gallery in galleries]  # the times of unpacked files differ
    compare = [table.assign(path=table["path"].str.rpartition("/")[2]) for table in compare]
    pd.testing.assert_frame_equal(*compare)
    assert len(compare[0]) == IMAGES - 1 + 4 and not compare[0]["path"].duplicated().any()
    assert whole.skipped() == killed.skipped() and "05.png" in whole.skipped()[0][0]
    np.testing.assert_allclose(*(gallery.open().descriptors for gallery in galleries), atol=1e-5)  # the blocks differ
    assert [path.name for path in (killed.folder / "versions").iterdir()] == [killed.version.name]
    assert not (killed.folder / "blocks").exists()


def test_simultaneous_adds(checkpoint, tmp_path):
    folders = [folder_of(tmp_path, str(number), range(10 * number, 10 * number + 8)) for number in range(3)]
    root = tmp_path / "galleries"
    arguments = "--model", str(checkpoint), "--labels", "none", "--device", "cpu"
    outputs = [tmp_path / f"{folder.name}.txt" for folder in folders]
    together = [
        start(
            command,
            tmp_path,
            "gallery",
            "add",
            "shared",
            str(folder),
            *arguments,
            output=output,
            MR_BCNN_GALLERIES=str(root),
        )
        for folder, output in zip(folders, outputs, strict=True)
    ]
    codes = ended(*together)
    output_text = "".join(output.read_text() for output in outputs)
    assert codes == [0, 0, 0], output_text
    gallery = find_gallery("shared", root)
    assert gallery.progress.state == "finished", output_text
    assert sorted(path[-6:] for path in gallery.records()["path"]) == [
        f"{n:02d}.png" for n in (*range(8), *range(10, 18), *range(20, 28))
    ]
    assert [found.name for found in list_galleries(root)] == ["shared"]


def test_launch_in_the_background(checkpoint, tmp_path):
    gallery = create_gallery("mine", tmp_path / "galleries", checkpoint)
    add_folder(gallery, folder_of(tmp_path, "images", range(5)))
    launch(gallery)
    assert gallery.progress.is_alive
    launch(gallery)  # it does not start a second process
    end = time.monotonic() + 90
    while gallery.progress.is_alive and time.monotonic() < end:
        time.sleep(0.05)
    assert overview(gallery).progress.state == "finished", gallery.job.log_file.read_text()
    assert len(gallery.open()) == 5
