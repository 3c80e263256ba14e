"""Center loss with its centres in a `gluon.nn.Embedding`."""
from __future__ import annotations

from types import ModuleType
from typing import Any, Literal

from mxnet.gluon import Parameter, nn

from .arrays import Array, CenterType, InitializerLike
from .base import ClassCenterLoss
from .checks import check_dtype
from .functional import center_loss, class_index, paper_center_update


class CenterLoss(ClassCenterLoss):
    r"""Center loss: pulls each feature towards the centre of its class.

    .. math:: L_i = \frac{\lambda}{2 n_{y_i}} ||x_i - c_{y_i}||^2

    where n_y is the number of samples of class y in the batch. `balance=True` divides by it, as the published MXNet
    programs do; the paper does not. The centres are parameters: give them a `gluon.Trainer` of their own, whose
    learning rate is the paper's alpha. The gradients of features and centres both carry lambda and the trainer's 1/B.
    So a step moves a centre towards the mean of its class by alpha * lambda / B of the way, times n_y if
    `balance=False`.

    Parameters
    ----------
    num_classes : int
        C, at least 1.
    feature_size : int
        D, at least 1.
    lmbd : float, default 1.0
        Lambda, the weight of this loss beside softmax; finite, at least 0.
    balance : bool, default True
        Divide each sample's loss by the count of its class in the batch.
    center_update : {'autograd', 'paper'}, default 'autograd'
        With 'autograd', centres move as described above. With 'paper', they move by the paper's eq. 4,
        -alpha * sum(c - x) / (1 + n), whatever lambda and B are; the gradient of the features is the same.
    sparse_grad : bool, default False
        Give the centres a row_sparse gradient. A step then costs O(B * D) instead of O(C * D).
    dtype : {'float32', 'float64'}, default 'float32'
        Of the centres. Features of another dtype are cast to it.
    weight_initializer : str or Initializer, optional
        Of the centres; default is the initializer given to `initialize()`.

    Inputs:
        - **features**: (B, D), any float dtype.
        - **labels**: (B,), any integer or float dtype holding integers in 0..C-1.
        - **sample_weight**: optional, (B,) or (1,): multiplies lambda, and so changes it from step to step.

    Outputs:
        - **loss**: (B,), one value a sample; NaN where the label is no class (see `FeatureLoss`).

    Raises ValueError for sizes, ranks, shapes or labels that do not fit, saying what was expected and what came.

    Source: Wen et al., "A Discriminative Feature Learning Approach for Deep Face Recognition", ECCV 2016, eq. 2.

    >>> from center_loss import CenterLoss
    >>> from mxnet import autograd, gluon, nd
    >>> loss = CenterLoss(num_classes=2, feature_size=2, weight_initializer='zeros')
    >>> loss.initialize()
    >>> trainer = gluon.Trainer(loss.collect_params(), 'sgd', {'learning_rate': 1.0})
    >>> features, labels = nd.array([[3, 4], [0, 2]]), nd.array([0, 1])
    >>> with autograd.record():
    ...     losses = loss(features, labels)
    >>> losses.asnumpy().tolist()
    [12.5, 2.0]
    >>> losses.backward()
    >>> trainer.step(batch_size=2)
    >>> loss.centers.asnumpy().tolist()
    [[1.5, 2.0], [0.0, 1.0]]
    """

    def __init__(self, num_classes: int, feature_size: int, lmbd: float = 1.0, balance: bool = True,
                 sparse_grad: bool = False, dtype: CenterType = 'float32', weight_initializer: InitializerLike = None,
                 center_update: Literal['autograd', 'paper'] = 'autograd', **kwargs: Any) -> None:
        super().__init__(num_classes, feature_size, lmbd, **kwargs)
        if center_update not in ('autograd', 'paper'):
            raise ValueError(f"center_update: expected 'autograd' or 'paper', got {center_update!r}")
        check_dtype(dtype)
        self._balance = balance
        self._sparse_grad = sparse_grad
        self._weight_initializer = weight_initializer
        self._center_update = center_update
        with self.name_scope():
            self.embedding = nn.Embedding(num_classes, feature_size, dtype=dtype, sparse_grad=sparse_grad,
                                          weight_initializer=weight_initializer)

    @property
    def _table(self) -> Parameter:
        return self.embedding.weight

    def hybrid_forward(self, F: ModuleType, features: Array, labels: Array,
                       sample_weight: Array | None = None) -> Array:
        dtype = self._dtype
        labels, valid = class_index(F, labels, self._num_classes)
        # A sparse look-up refuses what the dense one clips.
        rows = F.clip(labels, 0, self._num_classes - 1) if self._sparse_grad else labels
        features, centers = F.cast(features, dtype=dtype), self.embedding(rows)
        settings = (self._num_classes, self._weight, self._balance, dtype, sample_weight)
        if self._center_update == 'autograd':
            return center_loss(F, features, labels, valid, centers, *settings)
        return (center_loss(F, features, labels, valid, F.stop_gradient(centers), *settings)
                + paper_center_update(F, features, labels, valid, centers, self._num_classes, dtype))
