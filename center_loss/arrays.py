"""The types that annotations name. MXNet itself has no annotations."""
from typing import Literal, Union

from mxnet.initializer import Initializer
from mxnet.ndarray import NDArray
from mxnet.symbol import Symbol

Array = Union[NDArray, Symbol]  # what a function of `F` takes: NDArrays if F is mxnet.nd, symbols if it is mxnet.sym
CenterType = Literal['float32', 'float64']
InitializerLike = Union[str, Initializer, None]  # None: the one that is given to `initialize()`
