"""Whether the gradient of class centres is sparse. That decides what a step costs, and nothing that is learnt."""

WORTH = 1 << 17  # numbers in all centres: with half as many the two cost the same, with twice as many sparse is faster


def is_sparse(asked, center, num_classes, feature_size):
    """Whether centres get a row_sparse gradient: only the rows of a batch's classes are computed and moved.

    asked: 'auto', 'on' or 'off'. center: a `Center`. 'auto' takes it where there are centres enough, plain SGD moves
    them and an Embedding holds them: Adam moves every centre at every step, and `take` has no sparse gradient. The
    centres' trainer has neither momentum nor weight decay, which would move the others too.

    >>> from types import SimpleNamespace
    >>> from utils.training.sparse_centers import is_sparse
    >>> center = SimpleNamespace(center_impl='embedding', center_optimizer='sgd')
    >>> is_sparse('auto', center, 10, 2), is_sparse('auto', center, 100_000, 64)
    (False, True)
    """
    if asked != 'auto':
        return asked == 'on'
    return (center.center_impl == 'embedding' and center.center_optimizer == 'sgd'
            and num_classes * feature_size >= WORTH)
