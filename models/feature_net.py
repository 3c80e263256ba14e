"""The shape every network here has: a body, a feature layer, a class layer."""
from mxnet.gluon import nn


class FeatureNet(nn.HybridBlock):
    """body -> feature layer (B, D) -> class layer (B, C). A subclass gives `make_body()`, and may set an activation.

    Parameters
    ----------
    num_classes : int
        C.
    feature_size : int
        D.
    feature_use_bias, output_use_bias : bool
        Whether the feature layer and the class layer add a bias. Without both, classes are told apart by angle alone,
        and two features form the paper's ring.

    Inputs:
        - **images**: (B, 1, H, W) float32.

    Outputs:
        - **logits**: (B, C).
        - **features**: (B, D).
    """

    feature_activation = None  # of the feature layer

    def __init__(self, num_classes=10, feature_size=2, feature_use_bias=True, output_use_bias=True, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.body = self.make_body()
            self.feature = nn.Dense(feature_size, use_bias=feature_use_bias, activation=self.feature_activation)
            self.output = nn.Dense(num_classes, use_bias=output_use_bias, in_units=feature_size)

    def make_body(self):
        """The layers under the feature layer, as one block that returns (B, anything)."""
        raise NotImplementedError(f'{type(self).__name__} has no body')

    def hybrid_forward(self, F, images):
        features = self.feature(self.body(images))
        return self.output(features), features
