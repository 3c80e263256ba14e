"""The maths, as functions of `F` (`mxnet.nd` or `mxnet.sym`), so that one text runs both ways.

B = batch, D = feature size, C = number of classes.
"""


def squared_distances(F, features, centers):
    """||x_i - c_i||^2 for each row.

    features, centers: (B, D). Returns (B,).

    Takes the difference first: the expansion ||x||^2 + ||c||^2 - 2xc loses its digits when x is close to c, which is
    where center loss drives it.
    """
    return F.sum(F.square(features - centers), axis=1)


# Up to this many classes a one-hot sum, B * C, is the cheaper way to count a batch; beyond it, comparing labels, B * B.
ONE_HOT_CLASSES = 1024


def class_counts(F, labels, num_classes, dtype='float32'):
    """n_y of each sample: how many samples of its class are in the batch.

    labels: (B,) integers. Returns (B,) of `dtype`, at least 1. Stays in the graph. (`F.histogram` would cost O(B + C),
    but has no gradient, not even zero, and backward() refuses a graph that holds it.)
    """
    if num_classes <= ONE_HOT_CLASSES:
        counts = F.take(F.sum(F.one_hot(labels, num_classes), axis=0), labels)
    else:
        same = F.broadcast_equal(F.expand_dims(labels, axis=0), F.expand_dims(labels, axis=1))
        counts = F.sum(F.cast(same, dtype='float32'), axis=1)
    # At least 1: a label outside the range counts nowhere and must not divide by zero.
    return F.cast(F.maximum(counts, 1), dtype=dtype)


def nan_where_invalid(F, loss, labels, num_classes):
    """`loss` (B,), with NaN for each sample whose label is outside 0..num_classes-1.

    A look-up clips such a label to another class; NaN makes that visible wherever the loss is read. No gradient passes
    through these samples.
    """
    valid = (labels >= 0) * (labels < num_classes)
    return F.where(valid, loss, F.ones_like(loss) * float('nan'))


def scale_gradient(F, array, factor):
    """`array` (B, D), to the bit; the gradient of each row is multiplied by its `factor` (B, 1)."""
    still = F.stop_gradient(array)
    return still + F.broadcast_mul(array - still, factor)


def weighted(F, loss, sample_weight):
    """`loss` (B,) times `sample_weight`, (B,) or (1,); None weighs nothing."""
    return loss if sample_weight is None else F.broadcast_mul(loss, sample_weight)


def center_loss(F, features, labels, centers, num_classes, lmbd, balance, dtype='float32', sample_weight=None):
    """lmbd/2 * ||x - c_y||^2 of each sample, over n_y if `balance` (Wen et al., ECCV 2016, eq. 2).

    features, centers: (B, D) of `dtype`; row i of centers is the centre of sample i's class. labels: (B,) integers.
    Returns (B,).
    """
    loss = 0.5 * lmbd * squared_distances(F, features, centers)
    if balance:
        loss = loss / class_counts(F, labels, num_classes, dtype)
    return nan_where_invalid(F, weighted(F, loss, sample_weight), labels, num_classes)


def paper_center_update(F, features, labels, centers, num_classes, dtype='float32'):
    """0 for each sample (B,), whose gradient moves centres by the paper's rule (eq. 4), whatever lambda and B are.

    Once the trainer has divided by B, a centre's gradient is sum(c - x) / (1 + n) over the n samples of its class.
    Arguments as in `center_loss`.
    """
    batch_size = F.sum(F.ones_like(F.cast(labels, dtype=dtype)))
    share = F.broadcast_div(batch_size, 1 + class_counts(F, labels, num_classes, dtype))
    pull = 0.5 * share * squared_distances(F, F.stop_gradient(features), centers)
    pull = nan_where_invalid(F, pull, labels, num_classes)
    return pull - F.stop_gradient(pull)
