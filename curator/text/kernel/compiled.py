"""How the parts of the kernel of the text statistics are compiled.

Without reference counts: the kernel makes no array, it only fills those that it is given, and counting references to the fields of
its tuples took three quarters of its time. Without wrappers for Python, which take a third of the time to compile. So the parts
can be called from a kernel only; they are cached with it, not by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS = {"nogil": True, "_nrt": False, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

part: Callable[[Function], Function] = numba.njit(**_OPTIONS)
"""For what runs once for a document."""
inlined: Callable[[Function], Function] = numba.njit(forceinline=True, **_OPTIONS)
"""For what runs for every word or character."""
whole: Callable[[Function], Function] = numba.njit(cache=True, nogil=True, _nrt=False)
"""For the kernel itself."""

integer: Callable[[Any], int] = np.int64  # type: ignore[assignment]
"""A number of any width as one of 64 bits, which is what the kernel counts in."""
