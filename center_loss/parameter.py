"""Center loss with its centres in the block's ParameterDict: what the Embedding replaces."""
from .base import TableCenterLoss
from .functional import center_loss, class_index


class ParameterCenterLoss(TableCenterLoss):
    """The loss of `CenterLoss`, value for value; the centres are a bare Parameter read with `take`.

    Parameters, inputs, outputs and errors are those of `CenterLoss`, but `sparse_grad=True` raises ValueError: the
    gradient of `take` is dense.
    """

    def __init__(self, num_classes, feature_size, lmbd=1.0, balance=True, sparse_grad=False, dtype='float32',
                 weight_initializer=None, **kwargs):
        if sparse_grad:
            raise ValueError('sparse_grad: expected False (the gradient of take is dense; that of CenterLoss can be '
                             f'sparse), got {sparse_grad!r}')
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, **kwargs)
        self._balance = balance
        self._sparse_grad = False

    def hybrid_forward(self, F, features, labels, sample_weight=None, center_table=None):
        labels, valid = class_index(F, labels, self._num_classes)
        return center_loss(F, F.cast(features, dtype=self._dtype), labels, valid, F.take(center_table, labels),
                           self._num_classes, self._weight, self._balance, self._dtype, sample_weight)
