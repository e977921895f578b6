"""Walking: joint angles as functions of the phase of a step, and linear blend skinning.

A joint turns about the world's axes in the rest pose (X lateral, Y fore and aft, Z up), so no bone needs a frame
of its own. A turn by +X moves a hanging limb backwards, as people face -y.
"""

from dataclasses import dataclass

import numpy as np

X, Y, Z = np.eye(3)


@dataclass(frozen=True)
class Gait:
    phase: float  # in cycles; at 0 the left heel strikes
    amplitude: float  # 1 is a brisk walk, below .2 is standing
    gaze: tuple[float, float]  # yaw and pitch of the head, degrees
    arms: tuple[str, str] = ("swing", "swing")  # left and right, of `ARMS`
    twist: float = 0.0  # of the trunk, degrees
    lean: float = 0.0


# What arms do when they neither swing nor hang from a bag: degrees forwards, inwards and down from the rest pose, and
# how far the elbow is straightened (below 0: bent further).
ARMS = {
    "bent": (12, 14, 36, -42),  # something is held before the body
    "lifted": (38, 12, 34, -52),  # an umbrella
    "ear": (40, 22, 24, -112),
    "reading": (16, 38, 36, -58),
    "crossed": (10, 72, 34, -52),
    "pocket": (-20, 14, 27, -4),
    "behind": (-32, 34, 34, 6),
    "hanging": (3, -4, 34, 36),
}


def rotation(axis, degrees):
    """(3, 3) right-handed rotation about a unit axis."""
    x, y, z = axis
    angle = np.deg2rad(degrees)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k


def joint_rotations(person, gait):
    """{bone: (3, 3)}"""
    body, identity, amp = person.body, person.identity, gait.amplitude
    turns = {}
    for side, sign, offset in (("L", 1, 0.0), ("R", -1, 0.5)):
        p = (gait.phase + offset) % 1.0
        swing = np.cos(2 * np.pi * p)
        hip = 3 + 24 * amp * swing - 2 * amp * np.cos(4 * np.pi * p)
        knee = 4 + amp * (12 * np.exp(-(((p - 0.14) / 0.08) ** 2)) + 56 * np.exp(-(((p - 0.73) / 0.115) ** 2)))
        ankle = amp * (8 * np.exp(-(((p - 0.45) / 0.12) ** 2)) - 18 * np.exp(-(((p - 0.62) / 0.07) ** 2)))
        together = 4.3 * sign  # the rest pose stands with legs apart
        turns["upperleg01." + side] = rotation(X, -hip) @ rotation(Y, together)
        turns["lowerleg01." + side] = rotation(X, knee)
        turns["foot." + side] = rotation(X, -ankle) @ rotation(Y, -together) @ rotation(Z, -3 * sign)

        forward = -20 * amp * identity.arm_swing * swing + 2  # opposite to the leg of the same side
        carries = person.bag_hand == side
        holding = gait.arms[sign < 0]
        turns["clavicle." + side] = rotation(Y, 4 * sign)
        if holding in ARMS:
            ahead, inwards, down, straighten = ARMS[holding]
            ahead = rotation(X, -ahead - 0.2 * forward) @ rotation(Z, -inwards * sign)
            turns["upperarm01." + side] = ahead @ rotation(Y, down * sign)
        elif carries:
            turns["upperarm01." + side] = rotation(X, -0.3 * forward) @ rotation(Y, 31 * sign)
        else:
            turns["upperarm01." + side] = rotation(X, -forward) @ rotation(Z, -6 * sign) @ rotation(Y, 33 * sign)
        # Arms rest bent by some 44 degrees; straighten them about the elbow's own axis, less when in front.
        elbow = body.head_of("lowerarm01." + side)
        upper = elbow - body.head_of("upperarm01." + side)
        fore = body.head_of("wrist." + side) - elbow
        hinge = np.cross(upper, fore) / np.linalg.norm(np.cross(upper, fore))
        if holding not in ARMS:
            straighten = 26 if carries else 40 - 0.9 * max(forward, 0)
        turns["lowerarm01." + side] = rotation(hinge, -straighten)
        _relax_hand(turns, body, side, hinge)

    twist = 5 * amp * np.cos(2 * np.pi * gait.phase)
    lean = 3 * amp + gait.lean
    yaw, pitch = gait.gaze
    turns["root"] = rotation(Z, -twist) @ rotation(X, lean)
    turns["spine03"] = rotation(Z, 1.2 * twist + 0.5 * gait.twist)
    turns["spine01"] = rotation(Z, 0.8 * twist + 0.5 * gait.twist)
    turns["neck01"] = rotation(Z, 0.4 * yaw - 0.8 * twist) @ rotation(X, -0.4 * pitch)
    turns["head"] = rotation(Z, 0.6 * yaw) @ rotation(X, -0.6 * pitch - lean)
    return turns


def _relax_hand(turns, body, side, hinge):
    """Curl the fingers."""
    for finger in "2345":
        for joint in "12":
            turns[f"finger{finger}-{joint}.{side}"] = rotation(hinge, 38)


def bone_transforms(person, turns):
    """(B + 1, 3, 4) from the rest pose to the posed one; the last is the virtual bone of a handbag."""
    body, heads = person.body, person.heads
    whole = np.zeros((len(body.bones) + 1, 3, 4))
    for i, bone in enumerate(body.bones):
        parent = whole[body.parents[i]] if body.parents[i] >= 0 else np.eye(3, 4)
        if bone not in turns:
            whole[i] = parent
            continue
        turn = turns[bone]
        whole[i, :, :3] = parent[:, :3] @ turn
        whole[i, :, 3] = parent[:, :3] @ (heads[i] - turn @ heads[i]) + parent[:, 3]
    if person.bag_hand:
        hand = body.bone_index["finger3-1." + person.bag_hand]
        shift = whole[hand][:, :3] @ heads[hand] + whole[hand][:, 3] - heads[hand]
        whole[-1] = np.concatenate([np.eye(3), shift[:, None]], 1)
    return whole


def pose(person, gait):
    """Person, Gait -> vertices (N, 3), unit normals (N, 3); feet on z = 0, facing -y, above the origin."""
    moves = bone_transforms(person, joint_rotations(person, gait))[person.used_bones]
    blend = (person.weights @ moves.reshape(-1, 12).astype(np.float32)).reshape(-1, 3, 4)
    vertices = np.einsum("nij,nj->ni", blend[:, :, :3], person.vertices) + blend[:, :, 3]
    normals = np.einsum("nij,nj->ni", blend[:, :, :3], person.normals)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    vertices[:, 2] -= vertices[:, 2].min()
    vertices[:, :2] -= vertices[person.is_suit][:, :2].mean(0)
    return vertices, normals
