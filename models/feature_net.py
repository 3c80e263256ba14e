"""The shape every network here has: a body, a feature layer, a class layer."""
from mxnet.gluon import nn


class FeatureNet(nn.HybridBlock):
    """body -> feature layer (B, D) -> class layer (B, C). A subclass gives `make_body()`, and may set an activation.

    Parameters
    ----------
    num_classes : int
        C.
    feature_size : int
        D. 0 leaves the feature layer out: what the body returns are the features.
    feature_use_bias, output_use_bias : bool
        Whether the feature layer and the class layer add a bias. Without both, classes are told apart by angle alone,
        and two features form the paper's ring.
    normalize : bool
        Whether features are scaled to length 1, before the class layer sees them.
    dropout : float
        The share of inputs dropped in training, in front of the feature layer, or of the class layer where there is no
        feature layer. The features returned are those nothing was dropped from.
    body_size : int
        How many values the body returns per image, if that is known; `feature_size=0` needs it.

    Raises ValueError if `feature_size` is 0 and `body_size` is not known.

    Inputs:
        - **images**: (B, channels, H, W) float32, of one shape: the first call settles it.

    Outputs:
        - **logits**: (B, C).
        - **features**: (B, D).
    """

    feature_activation = None  # of the feature layer

    def __init__(self, num_classes=10, feature_size=2, feature_use_bias=True, output_use_bias=True, normalize=False,
                 dropout=0.0, body_size=0, **kwargs):
        super().__init__(**kwargs)
        self.feature_size = feature_size or body_size
        if not self.feature_size:
            raise ValueError(f'feature_size: expected at least 1 for {type(self).__name__}, got {feature_size}')
        self._normalize, self._dropout = normalize, dropout
        with self.name_scope():
            self.body = self.make_body()
            self.feature = nn.Dense(feature_size, use_bias=feature_use_bias, activation=self.feature_activation,
                                    in_units=body_size) if feature_size else None
            self.output = nn.Dense(num_classes, use_bias=output_use_bias, in_units=self.feature_size)

    def make_body(self):
        """The layers under the feature layer, as one block that returns (B, anything)."""
        raise NotImplementedError(f'{type(self).__name__} has no body')

    def hybrid_forward(self, F, images):
        features = self.body(images)
        if self.feature is None:
            features = self._scaled(F, features)
            return self.output(self._thinned(F, features)), features
        features = self._scaled(F, self.feature(self._thinned(F, features)))
        return self.output(features), features

    def _scaled(self, F, features):
        return F.L2Normalization(features, mode='instance') if self._normalize else features

    def _thinned(self, F, values):
        return F.Dropout(values, p=self._dropout) if self._dropout else values
