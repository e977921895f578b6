"""Rays: what each subpixel sees of a person, and how much sun and sky reaches that point. A Warp kernel.

It runs on the CPU, on one thread; speed comes from one process a core. (`sah` is the only kind of tree there.)
"""

import numpy as np
import warp as wp

HEIGHT, WIDTH, SUB = 160, 80, 2  # pixels of a picture, subpixels along a side of a pixel

wp.config.log_level = wp.LOG_ERROR
wp.config.enable_backward = False  # no gradients: half the time to compile


@wp.func
def towards_sky(normal: wp.vec3, state: wp.uint32):
    return wp.normalize(wp.sample_unit_sphere_surface(state) * 0.98 + normal)


@wp.kernel
def trace_kernel(
    mesh: wp.uint64,
    origin: wp.vec3,
    right: wp.vec3,
    up: wp.vec3,
    forward: wp.vec3,
    window: wp.vec4,
    columns: int,
    sub: int,
    sun: wp.vec3,
    softness: float,
    feet: wp.vec3,
    seed: int,
    normals: wp.array(dtype=wp.vec3),
    corners: wp.array(dtype=int),
    face: wp.array(dtype=int),
    bary: wp.array(dtype=wp.vec2),
    normal: wp.array(dtype=wp.vec3),
    light: wp.array(dtype=wp.vec2),
):
    i = wp.tid()
    x = float(i % columns) + 0.5
    y = float(i // columns) + 0.5
    ray = wp.normalize(forward + right * (window[0] + x * window[2]) + up * (window[1] - y * window[3]))
    state = wp.rand_init(seed, i)
    hit = wp.mesh_query_ray(mesh, origin, ray, 100.0)
    to_sun = wp.normalize(sun + wp.sample_unit_sphere(state) * softness)
    sunlit = 1.0
    open_sky = 1.0
    if hit.result:
        face[i] = hit.face
        bary[i] = wp.vec2(hit.u, hit.v)
        n = normals[corners[hit.face * 3]] * hit.u
        n = n + normals[corners[hit.face * 3 + 1]] * hit.v
        n = wp.normalize(n + normals[corners[hit.face * 3 + 2]] * (1.0 - hit.u - hit.v))
        if wp.dot(n, ray) > 0.25:
            n = -n
        normal[i] = n
        # start 2 cm off the surface, and 1 cm towards the sun: else the border of the shade is speckled
        p = origin + ray * hit.t + n * 0.02
        if wp.dot(n, to_sun) > 0.05 and wp.mesh_query_ray_anyhit(mesh, p + to_sun * 0.01, to_sun, 3.0):
            sunlit = 0.0
        if wp.mesh_query_ray_anyhit(mesh, p, towards_sky(n, state), 0.5):
            open_sky = 0.25
    else:
        face[i] = -1
        if ray[2] < -0.01 and i % sub == 0 and (i // columns) % sub == 0:  # the ground: one sample a pixel
            ground = origin + ray * (-origin[2] / ray[2])
            far = wp.length(ground - feet)
            if far < 2.8 and wp.mesh_query_ray_anyhit(mesh, ground, to_sun, 6.0):
                sunlit = 0.0
            if far < 0.9 and wp.mesh_query_ray_anyhit(mesh, ground, towards_sky(wp.vec3(0.0, 0.0, 1.0), state), 0.7):
                open_sky = 0.1
    light[i] = wp.vec2(sunlit, open_sky)


class Tracer:
    """Owns the output arrays, so that a picture allocates nothing but its mesh."""

    def __init__(self):
        count = HEIGHT * WIDTH * SUB * SUB
        self.face = wp.zeros(count, dtype=int, device="cpu")
        self.bary = wp.zeros(count, dtype=wp.vec2, device="cpu")
        self.normal = wp.zeros(count, dtype=wp.vec3, device="cpu")
        self.light = wp.zeros(count, dtype=wp.vec2, device="cpu")

    def __call__(self, vertices, normals, faces, camera, window, feet, seed, sub=SUB):
        """-> face (S,) or -1, bary (S, 2), normal (S, 3), light (S, 2: sun, sky); S = 320 x 160 subpixels if sub is 2.

        bary are the weights of a triangle's first two corners. window = (left, top, width, height of a pixel)
        on the plane at distance 1 before the camera.
        """
        points = wp.array(vertices.astype(np.float32), dtype=wp.vec3, device="cpu")
        corners = wp.array(faces.reshape(-1), dtype=int, device="cpu")
        mesh = wp.Mesh(points=points, indices=corners, bvh_constructor="sah")
        left, top, du, dv = map(float, window)
        count = HEIGHT * WIDTH * sub * sub
        wp.launch(
            trace_kernel,
            count,
            inputs=[
                mesh.id,
                wp.vec3(*camera.origin),
                wp.vec3(*camera.right),
                wp.vec3(*camera.up),
                wp.vec3(*camera.forward),
                wp.vec4(left, top, du / sub, dv / sub),
                WIDTH * sub,
                sub,
                wp.vec3(*camera.sun),
                float(camera.sun_softness),
                wp.vec3(*feet),
                seed,
                wp.array(normals.astype(np.float32), dtype=wp.vec3, device="cpu"),
                corners,
            ],
            outputs=[self.face, self.bary, self.normal, self.light],
            device="cpu",
        )
        return tuple(array.numpy()[:count] for array in (self.face, self.bary, self.normal, self.light))


def compile_kernel():
    """Compile once (some seconds, then cached by Warp), before several processes would."""
    wp.load_module(device="cpu")
