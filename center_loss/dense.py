"""Center loss through the whole batch-by-class distance matrix."""
from .base import TableCenterLoss
from .functional import class_index, nan_where_invalid, scale_gradient, weighted

_SMALLEST, _LARGEST = 1e-12, 1e12  # what the published version clamps to


class DenseCenterLoss(TableCenterLoss):
    r"""Center loss as the best-known PyTorch version computes it: all B x C distances, then a mask.

    .. math:: L_i = \lambda \sum_j clamp(1[j = y_i] ||x_i - c_j||^2, 10^{-12}, 10^{12})

    Differs from `CenterLoss(balance=False)` in three ways: there is no 1/2; the distances are expanded,
    ||x||^2 + ||c||^2 - 2xc, which loses digits where x is close to c, and a distance that comes out below the clamp has
    no gradient; and lambda does not reach the centres (the published training script divides it out of their gradient).
    Costs O(B * C * D).

    Parameters, inputs and outputs are those of `CenterLoss`, but for `balance`, `sparse_grad` and `center_update`,
    which it does not have.

    Source: github.com/KaiyangZhou/pytorch-center-loss.
    """

    def hybrid_forward(self, F, features, labels, sample_weight=None, center_table=None):
        dtype = self._dtype
        lmbd = weighted(F, self._weight * F.ones_like(F.cast(labels, dtype=dtype)), sample_weight)
        labels, valid = class_index(F, labels, self._num_classes)
        features = scale_gradient(F, F.cast(features, dtype=dtype), F.expand_dims(lmbd, axis=1))
        squares = F.broadcast_add(F.sum(F.square(features), axis=1, keepdims=True),
                                  F.expand_dims(F.sum(F.square(center_table), axis=1), axis=0))
        distances = squares - 2 * F.dot(features, center_table, transpose_b=True)
        masked = distances * F.one_hot(labels, self._num_classes, dtype=dtype)
        loss = F.sum(F.clip(masked, _SMALLEST, _LARGEST), axis=1)
        # Worth lambda * loss; lambda reaches the features through their scaled gradient, and nothing else.
        loss = F.stop_gradient(lmbd * loss) + (loss - F.stop_gradient(loss))
        return nan_where_invalid(F, loss, valid)
