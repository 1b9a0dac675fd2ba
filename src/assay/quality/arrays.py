"""The array types of the quality engine, and the few functions of scipy it uses, given types in one place."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import special  # pyright: ignore[reportMissingTypeStubs]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_log_gamma = cast("Callable[[NDArray[Any]], Floats]", special.gammaln)
log_beta = cast("Callable[[NDArray[Any], NDArray[Any]], Floats]", special.betaln)
beta_quantile = cast("Callable[[float, float, float], float]", special.betaincinv)  # (a, b, probability)


def sum_by(code: Ints, weights: Floats, *, size: int) -> Floats:
    """Sum of the weights of each code 0..size-1, (size,)."""
    return np.bincount(code, weights=weights, minlength=size).astype(np.float64, copy=False)


def log_factorial(number: Ints) -> Floats:
    """ln(n!), elementwise."""
    return _log_gamma(number + 1.0)
