"""Images a second of the same networks by PyTorch: channels_last, its own float32 or autocast to bfloat16."""
import contextlib

from .clock import once
from .networks import ALPHA, CLASSES, LMBD, LR, MOMENTUM, batch_of, shape_of

# Of EfficientNet-Lite0: repeats, kernel, stride of the first, expansion and channels out of each stage.
_STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
           (1, 3, 1, 6, 320))
_STEM, _LAST = 32, 1280


def theirs_training(network, images, dtype):
    """Images a second of training steps: softmax and balanced center loss, SGD with momentum."""
    import torch
    from torch.nn import functional
    body, size = _body(network)
    features = 2 if network.startswith('lenet') else 64
    net = torch.nn.ModuleDict({'body': body, 'feature': torch.nn.Linear(size, features),
                               'output': torch.nn.Linear(features, CLASSES)}).to(memory_format=torch.channels_last)
    centers = torch.nn.Embedding(CLASSES, features)
    optimizers = [torch.optim.SGD(net.parameters(), LR, MOMENTUM, weight_decay=1e-4),
                  torch.optim.SGD(centers.parameters(), ALPHA)]
    batch = _batch(network)
    labels = torch.randint(CLASSES, (len(batch),))

    def step():
        with _precision(dtype):
            found = net['feature'](net['body'](batch))
            logits = net['output'](found)
        found, logits = found.float(), logits.float()
        counts = torch.bincount(labels, minlength=CLASSES)[labels]
        loss = functional.cross_entropy(logits, labels) + LMBD * (
            0.5 * (found - centers(labels)).square().sum(dim=1) / counts).mean()
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
    steps = max(1, images // len(batch))
    return steps * len(batch) / once(lambda: [step() for _ in range(steps)], lambda: [step() for _ in range(2)])


def theirs_forward(network, images, dtype):
    """Images a second of the features under the class layer, without gradients, batch normalisation folded."""
    import torch
    from torch.fx.experimental.optimization import fuse
    body = fuse(_body(network)[0].eval()).to(memory_format=torch.channels_last)
    batch = _batch(network)
    steps = max(1, images // len(batch))
    with torch.inference_mode(), _precision(dtype):
        taken = once(lambda: [body(batch) for _ in range(steps)], lambda: [body(batch) for _ in range(2)])
    return steps * len(batch) / taken


def _precision(dtype):
    import torch
    return torch.autocast('cpu', torch.bfloat16) if dtype == 'bfloat16' else contextlib.nullcontext()


def _batch(network):
    import torch
    torch.manual_seed(0)
    return torch.randn(batch_of(network), *shape_of(network)).contiguous(memory_format=torch.channels_last)


def _body(network):
    """(layers under the feature layer, how many values they give)."""
    import torch
    from torch import nn
    torch.manual_seed(0)
    if network == 'resnet50_v1b':
        from torchvision.models import resnet50
        net = resnet50()
        net.fc = nn.Identity()
        return net, 2048
    if network == 'efficientnet_lite0':
        return _lite0(nn), 1280
    plus, layers, channels = network == 'lenet_plus', [], 1
    for out, convolutions in ((32, 2 if plus else 1), (64, 2), (128, 2)):
        for _ in range(convolutions):
            layers += ([nn.Conv2d(channels, out, 5, padding=2), nn.LeakyReLU(0.01)] if plus else
                       [nn.Conv2d(channels, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()])
            channels = out
        layers.append(nn.MaxPool2d(2))
    layers.append(nn.Flatten())
    size = channels * 9
    for _ in range(0 if plus else 3):
        layers += [nn.Linear(size, 128, bias=False), nn.BatchNorm1d(128), nn.ReLU()]
        size = 128
    return nn.Sequential(*layers), size


def _lite0(nn):
    def convolution(inputs, out, kernel=1, stride=1, groups=1, active=True):
        # With stride 2, TensorFlow pads one less on the left and top: with a row and a column more of the kernel, both
        # sides can be padded alike, which is faster.
        return [nn.Conv2d(inputs, out, kernel + (stride == 2), stride, kernel // 2, groups=groups, bias=False),
                nn.BatchNorm2d(out, 1e-3), *([nn.ReLU6(inplace=True)] if active else [])]

    class Added(nn.Sequential):
        def forward(self, maps):
            return maps + super().forward(maps)

    layers, channels = convolution(3, _STEM, 3, 2), _STEM
    for repeats, kernel, stride, expansion, out in _STAGES:
        for repeat in range(repeats):
            wide, step = channels * expansion, 1 if repeat else stride
            block = [*(convolution(channels, wide) if expansion > 1 else []),
                     *convolution(wide, wide, kernel, step, wide), *convolution(wide, out, active=False)]
            layers.append((Added if step == 1 and channels == out else nn.Sequential)(*block))
            channels = out
    return nn.Sequential(*layers, *convolution(channels, _LAST), nn.AdaptiveAvgPool2d(1), nn.Flatten())
