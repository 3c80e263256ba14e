"""A classification network without its class layer, under a feature layer and a class layer of our own."""
from contextlib import redirect_stdout, suppress
from io import StringIO

from mxnet import MXNetError, sym
from mxnet.gluon import nn

from .feature_net import FeatureNet
from .fusion import Fused
from .gluoncv_zoo import import_model_zoo

_CLASS_LAYERS = ('output', 'fc', 'classifier', 'out')  # what networks call it
_IMAGE_SIZES = (320, 224, 32)  # to ask for shapes with: most take a large multiple of 32, some only their own size


class PhotoNet(nn.HybridBlock):
    """backbone -> (B, F) -> head -> (logits, features).

    `net.head` is a network by itself: called with (B, F), the pooled features of `net.backbone`, it returns the same
    (logits, features). Where the backbone is frozen, its output can be kept and the head alone be trained on it.

    Parameters
    ----------
    network : str
        'efficientnet_lite0' or the name of a GluonCV classification network.
    head
        See `FeatureNet`: num_classes, feature_size (0: the pooled features are the features), normalize, dropout, ...

    Inputs:
        - **images**: (B, 3, S, S) float32, normalised by `models.normalization(network)`.

    Outputs:
        - **logits**: (B, C).
        - **features**: (B, D).
    """

    def __init__(self, network, prefix=None, params=None, **head):
        super().__init__(prefix=prefix, params=params)
        with self.name_scope():
            self.backbone = Backbone(network)
            self.head = FeatureHead(body_size=self.backbone.pooled_size, **head)

    @property
    def feature_size(self):
        """D."""
        return self.head.feature_size

    def for_inference(self):
        """What to call in place of the network, as it is now, where no gradient is needed, see `fusion.Fused`."""
        backbone = self.backbone.for_inference()
        return lambda images: self.head(backbone(images))

    def hybrid_forward(self, F, images):
        return self.head(self.backbone(images))


class FeatureHead(FeatureNet):
    """A `FeatureNet` without a body: pooled features (B, F) -> (logits (B, C), features (B, D)). `body_size` is F."""

    def make_body(self):
        return nn.HybridLambda('identity')


class Backbone(nn.HybridBlock):
    """Images (B, 3, S, S) -> pooled features (B, F): a network whose class layer lets its input through.

    Parameters keep the names they have in the network, behind `net.`. `network` is its name, `pooled_size` is F, and
    `class_names` are the names of the parameters that went with the class layer.

    Raises ValueError if the network has no class layer at its end.
    """

    def __init__(self, network, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        with self.name_scope():
            self.net = _build(network)
            self.class_names = _open_class_layer(self.net, network)
        shape = self._output_shape()
        self.pooled_size, self._is_map = shape[1], len(shape) == 4

    def for_inference(self):
        """What to call in place of the backbone, as it is now, where no gradient is needed, see `fusion.Fused`."""
        return Fused(self)

    def _output_shape(self):
        """Shape of the network's output for one image, as MXNet infers it."""
        output = self.net(sym.var('data'))
        for size in _IMAGE_SIZES:
            with suppress(MXNetError), redirect_stdout(StringIO()):  # a size that does not fit is printed there
                return output.infer_shape(data=(1, 3, size, size))[1][0]
        raise ValueError(f'name: expected a network for square images, got {self.network!r}')

    def hybrid_forward(self, F, images):
        outputs = self.net(images)
        return F.flatten(F.Pooling(outputs, global_pool=True, pool_type='avg')) if self._is_map else outputs


def _open_class_layer(net, network):
    """Put the identity in place of the class layer; returns the names of the parameters that are gone."""
    names = set(net._collect_params_with_prefix())
    last = list(net._children)[-1]
    if last not in _CLASS_LAYERS:
        raise ValueError(f'name: expected a classification network, got {network!r}, which ends in {last}')
    layer, identity = net._children[last], nn.HybridLambda('identity')
    net.__dict__[last] = identity  # past Gluon's check that a block is only replaced by one of its type
    for parent in (net, *net._children.values()):  # GoogLeNet has it twice, by its name and in a sequence
        for name, child in parent._children.items():
            if child is layer:
                parent._children[name] = identity
    return names - set(net._collect_params_with_prefix())


def _build(network):
    if network == 'efficientnet_lite0':
        from .efficientnet_lite import EfficientNetLite0
        return EfficientNetLite0()
    return import_model_zoo().get_model(network, pretrained=False)
