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

    labels: (B,), see `class_index`. Returns (B,) of `dtype`, at least 1. Stays in the graph. (`F.histogram` would cost
    O(B + C), but has no gradient, not even zero, and backward() refuses a graph that holds it.)
    """
    if num_classes <= ONE_HOT_CLASSES:
        counts = F.take(F.sum(F.one_hot(labels, num_classes), axis=0), labels)
    else:
        same = F.broadcast_equal(F.expand_dims(labels, axis=0), F.expand_dims(labels, axis=1))
        counts = F.sum(F.cast(same, dtype='float32'), axis=1)
    # At least 1: a label of no class counts nowhere and must not divide by zero.
    return F.cast(F.maximum(counts, 1), dtype=dtype)


def class_index(F, labels, num_classes):
    """What class each of `labels` (B,), of any type, is: (index, valid), both (B,).

    valid: 1 where the label is an integer in 0..num_classes-1, else 0. index: int32, out of that range where it is not:
    a cast alone would truncate 1.5, make -0.5 class 0 and wrap 2**32 + 3 to 3.
    """
    # float32 holds the number of each class, and AMP has no graphs of float64. (Beyond that many classes, clip still
    # rounds the last number to float32, and a label just above it counts as it.)
    labels = F.cast(labels, dtype='float32' if num_classes <= 1 << 24 else 'float64')
    valid = F.clip(F.floor(labels), 0, num_classes - 1) == labels  # never so for NaN
    return F.cast(labels / valid, dtype='int32'), valid  # infinity becomes the largest or the smallest of the integers


def nan_where_invalid(F, loss, valid):
    """`loss` (B,), with NaN for each sample whose `valid` (B,) is 0.

    A look-up clips the label of such a sample to another class; NaN makes that visible wherever the loss is read. No
    gradient passes through it.
    """
    return F.where(valid, loss, F.ones_like(loss) * float('nan'))


def whole_index(F, labels):
    """`labels` (B,) of any type as (B,) int32, and (1,) float32: 1 if they were all integers of 32 bits, else 0."""
    index = F.cast(labels, dtype='int32')
    return index, F.min(F.cast(index, dtype='float32') == F.cast(labels, dtype='float32'))


def nan_without(F, loss, whole):
    """`loss` (B,), or NaN in place of all of it, without a gradient, if `whole` (1,) is 0."""
    return F.where(F.broadcast_mul(F.ones_like(loss), whole), loss, F.ones_like(loss) * float('nan'))


def scale_gradient(F, array, factor):
    """`array` (B, D), to the bit; the gradient of each row is multiplied by its `factor` (B, 1)."""
    still = F.stop_gradient(array)
    return still + F.broadcast_mul(array - still, factor)


def weighted(F, loss, sample_weight):
    """`loss` (B,) times `sample_weight`, (B,) or (1,); None weighs nothing."""
    return loss if sample_weight is None else F.broadcast_mul(loss, sample_weight)


def center_loss(F, features, labels, valid, centers, num_classes, lmbd, balance, dtype='float32', sample_weight=None):
    """lmbd/2 * ||x - c_y||^2 of each sample, over n_y if `balance` (Wen et al., ECCV 2016, eq. 2).

    features, centers: (B, D) of `dtype`; row i of centers is the centre of sample i's class. labels, valid: (B,), see
    `class_index`. Returns (B,).
    """
    loss = 0.5 * lmbd * squared_distances(F, features, centers)
    if balance:
        loss = loss / class_counts(F, labels, num_classes, dtype)
    return nan_where_invalid(F, weighted(F, loss, sample_weight), valid)


def paper_center_update(F, features, labels, valid, centers, num_classes, dtype='float32'):
    """0 for each sample (B,), whose gradient moves centres by the paper's rule (eq. 4), whatever lambda and B are.

    Once the trainer has divided by B, a centre's gradient is sum(c - x) / (1 + n) over the n samples of its class.
    Arguments as in `center_loss`.
    """
    batch_size = F.sum(F.ones_like(F.cast(labels, dtype=dtype)))
    share = F.broadcast_div(batch_size, 1 + class_counts(F, labels, num_classes, dtype))
    pull = 0.5 * share * squared_distances(F, F.stop_gradient(features), centers)
    pull = nan_where_invalid(F, pull, valid)
    return pull - F.stop_gradient(pull)


# What is left of 1 - 1 in float32 may reach some 3e-7, and its root 5e-4. So squares up to this count as 0.
_ROUNDING = 1e-6


def safe_sqrt(F, squares):
    """sqrt of differences of numbers about 1: a root below 1e-3 counts as 0 and has gradient 0, not an infinite one."""
    positive = squares > _ROUNDING
    return positive * F.sqrt(F.where(positive, squares, F.ones_like(squares)))


def l2_normalize(F, array):
    """The rows of `array` (B, D) at length 1; one below 1e-12 has no direction: it is 0, and its gradient too."""
    squares = F.sum(F.square(array), axis=1, keepdims=True)
    positive = squares > 1e-24
    return F.broadcast_mul(array, positive / F.sqrt(F.where(positive, squares, F.ones_like(squares))))


def distances_within(F, points):
    """Euclidean distances between the M rows of each block of `points` (N, M, D), of length 1 or 0. Returns (N, M, M).

    The expansion ||x||^2 + ||y||^2 - 2xy needs no array (N, M, M, D), but leaves only rounding where x is close to y:
    distances below 1e-3 are 0. (float64 would not help: under AMP MXNet has no graphs of it.)
    """
    squares = F.sum(F.square(points), axis=2)
    sums = F.broadcast_add(F.expand_dims(squares, axis=1), F.expand_dims(squares, axis=2))
    return safe_sqrt(F, sums - 2 * F.batch_dot(points, points, transpose_b=True))


def cosines(F, features, centers):
    """(B, M) cosines of the angles between rows of `features` (B, D) and of `centers` (M, D)."""
    return F.dot(l2_normalize(F, features), l2_normalize(F, centers), transpose_b=True)


def cross_entropy(F, logits, labels):
    """-log softmax of each sample's own class. logits: (B, C). labels: (B,) integers. Returns (B,)."""
    return -F.pick(F.log_softmax(logits, axis=1), labels, axis=1)


def mean_of_active(F, losses):
    """The row sums of `losses` (B, M) times one factor, such that their mean is the mean of all elements above 0.

    Returns (B,), all 0 where no element is above 0.
    """
    active = F.sum(F.sum(losses > 0, axis=1))
    rows = F.sum(losses, axis=1)
    size = F.sum(F.ones_like(rows))
    return F.broadcast_mul(rows, size / F.maximum(active, 1))
