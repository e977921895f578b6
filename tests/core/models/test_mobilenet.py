import pytest
import torch
import torch.nn.functional as F

from core.models import mobilenet
from core.models.mobilenet import Backbone, normalise_channels

needs_onednn = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available() or not hasattr(torch.ops.mkldnn, "_convolution_pointwise"),
    reason="this build of PyTorch has no oneDNN",
)


def test_shapes_and_number_of_weights_are_those_of_the_paper():
    """The number of weights is the sum over the layers of table 2, with two for each filter of a normalisation."""
    with torch.device("meta"):
        backbone = Backbone()
        assert backbone(torch.empty(2, 3, 192, 96)).shape == (2, 96, 12, 6)
    expected, inputs = 3 * 3 * 3 * 32 + 2 * 32, 32
    for expansion, filters, blocks in ((1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3)):
        for _ in range(blocks):
            hidden = expansion * inputs
            expected += (inputs * hidden + 2 * hidden if expansion > 1 else 0) + 9 * hidden + 2 * hidden
            expected += hidden * filters + 2 * filters
            inputs = filters
    assert sum(value.numel() for value in backbone.parameters()) == expected == 542_528


def test_names_are_those_of_the_released_weights():
    names = set(Backbone(0.1).state_dict())
    assert {"features.0.0.weight", "features.0.1.running_var", "features.1.conv.3.weight"} <= names
    assert {"features.2.conv.6.weight", "features.13.conv.7.bias"} <= names
    assert not any(name.startswith("features.14") for name in names)


@pytest.mark.parametrize("block, adds_input", [(2, False), (3, True), (4, False), (11, False), (12, True)])
def test_block_by_its_formula(block, adds_input):
    """Expand, depthwise, reduce without activation, and add the input if the shapes are equal."""
    torch.manual_seed(0)
    backbone = Backbone(0.25)
    backbone.train()(torch.randn(4, 3, 64, 32))  # statistics other than 0 and 1
    layer = backbone.eval().features[block].conv
    x = torch.randn(2, layer[0].in_channels, 8, 4)

    def norm(values, at):
        one = layer[at]
        factor = one.weight / (one.running_var + one.eps).sqrt()
        return values * factor[:, None, None] + (one.bias - one.running_mean * factor)[:, None, None]

    with torch.no_grad():
        hidden = norm(torch.einsum("oi,bihw->bohw", layer[0].weight[:, :, 0, 0], x), 1).clamp(0, 6)
        stride = 2 if block in (2, 4) else 1
        each = [
            F.conv2d(hidden[:, [c]], layer[3].weight[[c]], stride=stride, padding=1) for c in range(hidden.shape[1])
        ]
        hidden = norm(torch.cat(each, dim=1), 4).clamp(0, 6)
        expected = norm(torch.einsum("oi,bihw->bohw", layer[6].weight[:, :, 0, 0], hidden), 7)
        torch.testing.assert_close(
            backbone.features[block](x), expected + x if adds_input else expected, rtol=1e-4, atol=1e-5
        )


def test_images_are_normalised_by_channel():
    images = torch.tensor([0.0, 127.5, 255.0])[None, :, None, None].expand(1, 3, 2, 2)
    found = normalise_channels(images)[0, :, 0, 0]
    torch.testing.assert_close(found, torch.tensor([-0.485 / 0.229, 0.044 / 0.224, 0.594 / 0.225]))


def test_frozen_layers_keep_their_weights_and_statistics_in_training():
    torch.manual_seed(0)
    backbone = Backbone(0.1, frozen_layers=3).train()
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    optimiser = torch.optim.Adam(backbone.parameters(), weight_decay=0.1)
    backbone(torch.randn(4, 3, 64, 32)).square().sum().backward()
    optimiser.step()
    changed = {
        name.split(".")[1] for name, value in backbone.state_dict().items() if not torch.equal(value, before[name])
    }
    assert changed == {str(layer) for layer in range(3, 14)}


def test_a_block_with_a_stride_has_nearly_the_same_gradients_in_bfloat16():
    torch.manual_seed(0)
    block, x = Backbone(0.5).train().features[2], torch.randn(8, 8, 32, 16)
    gradients = []
    for enabled in (False, True):
        block.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            output = block(x)
        output.float().mul(torch.arange(output.shape[-1])).sum().backward()
        gradients.append(torch.cat([value.grad.flatten() for value in block.parameters()]))
    assert torch.cosine_similarity(*gradients, dim=0) > 0.99


@needs_onednn
def test_convolutions_with_relu6_within_have_the_same_values(monkeypatch):
    torch.manual_seed(0)
    backbone = Backbone(0.5)
    backbone.train()(torch.randn(4, 3, 64, 32))  # statistics other than 0 and 1
    x = torch.randn(3, 3, 64, 32)
    fused, calls = mobilenet._convolve_with_relu6, []
    monkeypatch.setattr(mobilenet, "_convolve_with_relu6", lambda *all: calls.append(all) or fused(*all))
    with torch.inference_mode():
        found = backbone.eval()(x)
        assert len(calls) == 26  # the first layer, two of each block, and one of the first block
        monkeypatch.setattr(mobilenet, "_can_fuse", lambda *all: False)
        torch.testing.assert_close(found, backbone(x))
    assert len(calls) == 26


@needs_onednn
def test_only_convolutions_without_gradient_are_fused():
    x, weight = torch.zeros(1, 3, 8, 8), torch.zeros(4, 3, 1, 1)
    assert mobilenet._can_fuse(x, weight)
    assert not mobilenet._can_fuse(x, weight.clone().requires_grad_())
    assert not mobilenet._can_fuse(x.double(), weight.double())
    assert not mobilenet._can_fuse(x.to("meta"), weight)
    with torch.autocast("cpu", torch.bfloat16):
        assert not mobilenet._can_fuse(x, weight)
    seen = []
    torch.jit.trace(lambda each: (seen.append(mobilenet._can_fuse(each, weight)), each)[1], x, check_trace=False)
    assert seen == [False]
