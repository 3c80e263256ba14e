"""How processes share a batch."""


def share_of(size, rank, count):
    """The slice of a batch of `size` that process `rank` of `count` has: as even as can be, larger ones first.

    >>> [share_of(8, rank, 3) for rank in range(3)]
    [slice(0, 3, None), slice(3, 6, None), slice(6, 8, None)]
    """
    whole, rest = divmod(size, count)
    start = rank * whole + min(rank, rest)
    return slice(start, start + whole + (rank < rest))
