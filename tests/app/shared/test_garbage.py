"""The collection after a rerun visits new objects only, and older garbage is collected at times."""

import gc
import weakref

from app.shared import garbage


class Node:
    def __init__(self):
        self.itself = self


def test_objects_of_before_are_left_out_of_a_collection():
    node = Node()
    garbage.freeze_at_rerun()
    gone = weakref.ref(node)
    del node
    gc.collect()
    assert gone() is not None and gc.get_freeze_count() > 1000


def test_all_objects_are_collected_after_some_reruns():
    node = Node()
    gone = weakref.ref(node)
    garbage.freeze_at_rerun()
    del node
    for _ in range(garbage.RERUNS):
        garbage.freeze_at_rerun()
    assert gone() is None


def test_new_garbage_is_collected_after_a_rerun():
    garbage.freeze_at_rerun()
    node = Node()
    gone = weakref.ref(node)
    del node
    gc.collect()
    assert gone() is None
