"""Solids: their extents, volumes and places."""

import numpy as np
import pytest

from demo import solids

pytest.importorskip('trimesh')


def extent(mesh):
    return np.ptp(mesh.vertices, axis=0)


def test_box_and_block():
    mesh = solids.box((1, 2, 3), (4, 5, 6))
    np.testing.assert_allclose(extent(mesh), (1, 2, 3))
    np.testing.assert_allclose(mesh.bounds.mean(0), (4, 5, 6))
    frustum = solids.block((2, 2), (1, 1), 0, 3)
    assert abs(frustum.volume) == pytest.approx(3 * (4 + 1 + 2) / 3)


@pytest.mark.parametrize(
    ('axis', 'size'), [('x', (0.4, 2, 2)), ('y', (2, 0.4, 2)), ('z', (2, 2, 0.4))]
)
def test_disc_and_ring_axes(axis, size):
    np.testing.assert_allclose(extent(solids.disc(1, 0.4, axis=axis)), size, rtol=0.02)
    np.testing.assert_allclose(extent(solids.ring(0.8, 0.2, axis=axis)), size, rtol=0.06)


def test_lathe_revolves_about_y():
    mesh = solids.lathe([(0, 0), (1, 0), (1, 2), (0, 2)], (5, 0, 0))
    np.testing.assert_allclose(extent(mesh), (2, 2, 2), rtol=0.02)
    assert abs(mesh.volume) == pytest.approx(2 * np.pi, rel=0.02)
    assert mesh.bounds[0, 1] == pytest.approx(0)


def test_loft_is_a_closed_box_for_high_roundness_and_a_cylinder_for_two():
    stations = [(-1, 0.5, 0.5, 0), (1, 0.5, 0.5, 0)]
    assert abs(solids.loft(stations).volume) == pytest.approx(2 * np.pi / 4, rel=0.02)
    assert abs(solids.loft(stations, 60).volume) == pytest.approx(2, rel=0.05)
    assert solids.loft(stations).is_watertight


def test_slab_extrudes_its_outline():
    mesh = solids.slab([(0, -1, 1), (2, 0, 0.5)], 0.25)
    assert abs(mesh.volume) == pytest.approx((2 + 0.5) / 2 * 2 * 0.25)
    np.testing.assert_allclose(mesh.bounds[:, 2], (-0.125, 0.125))


def test_tube_follows_a_bend_and_forgives_repeated_points():
    path = [(0, 0, 0), (0, 1, 0), (0, 1, 0), (1, 1, 0)]
    mesh = solids.tube(path, 0.05)
    assert np.isfinite(mesh.vertices).all()
    assert mesh.is_watertight
    np.testing.assert_allclose(mesh.bounds, [(-0.05, 0, -0.05), (1, 1.05, 0.05)], atol=0.02)


def test_rotate_is_right_handed_and_about_its_point():
    mesh = solids.rotate(solids.box((0, 0, 0), (2, 0, 0)), 'z', 90, about=(1, 0, 0))
    np.testing.assert_allclose(mesh.vertices[0], (1, 1, 0), atol=1e-12)
