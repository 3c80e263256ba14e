"""What the cores do at best: products of matrices, and copies."""
from . import Found
from .clock import seconds

_SIDE = 4096
_BYTES = 1 << 28


def numpy_product(dtype):
    """GFLOP/s of a product of two square matrices by NumPy's BLAS."""
    import numpy as np
    factor = np.random.default_rng(0).random((_SIDE, _SIDE), dtype)
    out = np.empty_like(factor)
    return Found(2 * _SIDE ** 3 / seconds(lambda: np.matmul(factor, factor, out=out)) / 1e9)


def torch_product(dtype):
    """The same by PyTorch."""
    import torch
    factor = torch.rand(_SIDE, _SIDE).to(getattr(torch, dtype))
    out = torch.empty_like(factor)
    return Found(2 * _SIDE ** 3 / seconds(lambda: torch.matmul(factor, factor, out=out)) / 1e9)


def copy():
    """GB/s that are read and written when an array is copied by as many threads as there are cores."""
    import os
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np
    threads = len(os.sched_getaffinity(0))
    source, target = np.ones(_BYTES, np.uint8), np.empty(_BYTES, np.uint8)
    parts = list(zip(np.array_split(target, threads), np.array_split(source, threads)))
    with ThreadPoolExecutor(threads) as pool:
        taken = seconds(lambda: list(pool.map(lambda part: np.copyto(*part), parts)))
    return Found(2 * _BYTES / taken / 1e9)
