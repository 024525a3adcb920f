import torch
import torch.nn.functional as F

from recon_mm.models.heads import PartSegHead


def test_equals_the_layers_on_the_repeated_cloud_feature() -> None:
    """The cloud's feature is repeated for each point, in training mode."""
    head = PartSegHead(4, 1, point_dims=6, num_classes=3, parts_per_category=(1, 2)).train()
    head.dropout.p = 0.0
    points, cloud, category = torch.randn(2, 9, 6), torch.randn(2, 12), torch.tensor([1, 0])
    label = F.leaky_relu(head.label_norm(head.label_fc(F.one_hot(category, 2).float())), 0.2)
    repeated = torch.cat([cloud, label], dim=1)[:, None].expand(-1, 9, -1)
    joined = torch.cat([points, repeated], dim=2)
    hidden = F.relu(head.norm1(F.linear(joined, head.fc1.weight, head.fc1.bias)))
    expected = head.fc3(F.relu(head.norm2(head.fc2(hidden))))
    torch.testing.assert_close(head(points, cloud, category), expected, rtol=1e-4, atol=1e-5)


def test_mask_is_not_stored() -> None:
    head = PartSegHead(4, 1, num_classes=3, parts_per_category=(1, 2))
    assert head.part_mask.tolist() == [[True, False, False], [False, True, True]]
    assert 'part_mask' not in head.state_dict()
