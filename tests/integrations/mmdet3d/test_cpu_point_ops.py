"""mmcv's point ops on CPU tensors inside the block, and as they were outside of it."""

import pytest
import torch

pytest.importorskip('mmdet3d', reason='needs mmdet3d (requirements/mmdet3d.txt)')

from mmcv import ops
from mmdet3d.models.layers import PointFPModule, PointSAModule
from mmdet3d.structures import LiDARInstance3DBoxes
from mmengine.hooks import Hook

from recon_mm.integrations.mmdet3d import CPUPointOpsHook, point_ops_on_cpu
from recon_mm.integrations.mmdet3d import cpu_point_functions as functions


def assert_untouched():
    for original in functions.TWINS:
        assert original.forward.__module__.startswith('mmcv.ops')
        assert original.backward.__module__.startswith('mmcv.ops')
    assert ops.points_in_boxes_all.__module__ == 'mmcv.ops.points_in_boxes'


def test_nothing_is_changed_on_import_nor_after_the_block():
    assert_untouched()
    with point_ops_on_cpu():
        assert ops.points_in_boxes_all.__module__ != 'mmcv.ops.points_in_boxes'
    assert_untouched()
    with pytest.raises(ZeroDivisionError), point_ops_on_cpu():
        _ = 1 / 0
    assert_untouched()


def test_blocks_nest():
    points = torch.rand(1, 20, 3)
    with point_ops_on_cpu():
        with point_ops_on_cpu():
            pass
        ops.furthest_point_sample(points, 4)
    assert_untouched()


def test_hook_holds_the_block_open_for_a_run():
    hook = CPUPointOpsHook()
    assert isinstance(hook, Hook)
    hook.before_run(None)
    assert ops.furthest_point_sample(torch.rand(1, 20, 3), 4).shape == (1, 4)
    hook.after_run(None)
    assert_untouched()


def test_furthest_point_sample_and_knn():
    points = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [5, 0, 0], [2, 0, 0]]])
    with point_ops_on_cpu():
        index = ops.furthest_point_sample(points, 3)
        near = ops.knn(2, points, points[:, :1].contiguous())
        near_transposed = ops.knn(2, points.transpose(1, 2), points[:, :1].transpose(1, 2), True)
    assert index.dtype == torch.int32 and index.tolist() == [[0, 2, 3]]
    assert near.dtype == torch.int32 and near.tolist() == [[[0], [1]]]  # (B, k, queries)
    assert torch.equal(near, near_transposed)


def test_ball_query():
    points = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [5, 0, 0], [2, 0, 0]]])
    with point_ops_on_cpu():
        index = ops.ball_query(0, 2.5, 4, points, points[:, :1].contiguous())
    assert index.dtype == torch.int32 and index.tolist() == [[[0, 1, 3, 0]]]


def test_stacked_clouds_are_refused_with_an_explanation():
    counts = torch.tensor([4], dtype=torch.int32)
    with point_ops_on_cpu(), pytest.raises(NotImplementedError, match='run it on a GPU'):
        ops.ball_query(0, 1.0, 2, torch.rand(4, 3), torch.rand(4, 3), counts, counts)


def numeric_gradient_agrees(function, features):
    features = features.double().requires_grad_()
    return torch.autograd.gradcheck(function, features)


def test_gathering_and_its_gradient():
    features = torch.randn(2, 3, 6)
    index = torch.randint(6, (2, 4), dtype=torch.int32)
    groups = torch.randint(6, (2, 4, 5), dtype=torch.int32)
    with point_ops_on_cpu():
        rows = ops.gather_points(features, index)
        grouped = ops.grouping_operation(features, groups)
        for cloud in range(2):
            assert torch.equal(rows[cloud], features[cloud][:, index[cloud].long()])
            assert torch.equal(grouped[cloud], features[cloud][:, groups[cloud].long()])
        assert numeric_gradient_agrees(lambda x: ops.gather_points(x, index), features)
        assert numeric_gradient_agrees(lambda x: ops.grouping_operation(x, groups), features)


def test_interpolation_and_its_gradient():
    target, source, features = torch.rand(2, 7, 3), torch.rand(2, 5, 3), torch.randn(2, 4, 5)
    with point_ops_on_cpu():
        distance, index = ops.three_nn(target, source)
        all_distances = torch.cdist(target, source, compute_mode='donot_use_mm_for_euclid_dist')
        nearest = all_distances.sort(-1)
        assert index.dtype == torch.int32
        assert torch.equal(index.long(), nearest.indices[..., :3])
        torch.testing.assert_close(distance, nearest.values[..., :3])
        weight = torch.rand(2, 7, 3)
        out = ops.three_interpolate(features, index, weight)
        for cloud in range(2):
            selected = features[cloud][:, index[cloud].long()]  # (C, N, 3)
            torch.testing.assert_close(out[cloud], (selected * weight[cloud]).sum(-1))
        assert numeric_gradient_agrees(
            lambda x: ops.three_interpolate(x, index, weight.double()), features
        )


def test_points_in_boxes():
    points = torch.tensor([[0.0, 0, 0.5], [0, 0, 9], [3, 0, 0.5], [0, 1.4, 0.5]])
    boxes = LiDARInstance3DBoxes(
        torch.tensor([[0.0, 0, 0, 3, 1, 1, 0], [0, 0, 0, 3, 1, 1, torch.pi / 2]])
    )
    with point_ops_on_cpu():
        inside = boxes.points_in_boxes_all(points)
        first = boxes.points_in_boxes_part(points)
    assert inside.tolist() == [[1, 1], [0, 0], [0, 0], [0, 1]]
    assert first.tolist() == [0, -1, -1, 1]


def test_roi_point_pool():
    points = torch.tensor([[[0.0, 0, 0.5], [9, 9, 9], [0.2, 0, 0.5], [0.3, 0, 0.5]]])
    features = torch.arange(4.0).view(1, 4, 1)
    boxes = torch.tensor([[[0.0, 0, 0, 1, 1, 1, 0], [50, 0, 0, 1, 1, 1, 0]]])
    with point_ops_on_cpu():
        pooled, is_empty = ops.RoIPointPool3d(5)(points, features, boxes)
        first_two = ops.RoIPointPool3d(2)(points, features, boxes)[0]
    assert is_empty.dtype == torch.int32 and is_empty.tolist() == [[0, 1]]
    assert pooled[0, 0, :, 3].tolist() == [0, 2, 3, 0, 2]  # in order, then again from the start
    assert torch.equal(pooled[0, 0, :3, :3], points[0, [0, 2, 3]])
    assert (pooled[0, 1] == 0).all()
    assert first_two[0, 0, :, 3].tolist() == [0, 2]


def test_modules_of_pointnet2_train():
    torch.manual_seed(0)
    points, features = torch.rand(2, 60, 3), torch.randn(2, 5, 60, requires_grad=True)
    down = PointSAModule([5, 8], num_point=10, radius=0.5, num_sample=4)
    up = PointFPModule([8 + 5, 6])
    with point_ops_on_cpu():
        centers, pooled, index = down(points, features)
        out = up(points, centers, features, pooled)
        (out * torch.randn_like(out)).sum().backward()
    assert index.shape == (2, 10) and out.shape == (2, 6, 60)
    assert features.grad.abs().sum() > 0
    assert all(p.grad is not None for m in (down, up) for p in m.parameters())


@pytest.mark.cuda
def test_twins_equal_mmcv_on_the_gpu():
    points, features = torch.rand(2, 300, 3), torch.randn(2, 4, 300)
    centers, weight = points[:, :50].contiguous(), torch.rand(2, 300, 3)
    boxes = torch.cat([torch.rand(2, 6, 3), torch.full((2, 6, 3), 0.5), torch.rand(2, 6, 1)], -1)

    def run(device):
        p, c, f, w = (t.to(device) for t in (points, centers, features, weight))
        distance, nearest = ops.three_nn(p, c)
        ball = ops.ball_query(0, 0.2, 8, p, c)
        return [
            ops.furthest_point_sample(p, 20),
            ball,
            ops.grouping_operation(f, ball),
            distance,
            ops.three_interpolate(f[..., :50].contiguous(), nearest, w),
            *ops.RoIPointPool3d(16)(p, f.transpose(1, 2).contiguous(), boxes.to(device)),
        ]

    with point_ops_on_cpu():
        for on_cpu, on_gpu in zip(run('cpu'), run('cuda')):
            torch.testing.assert_close(on_cpu, on_gpu.cpu())
