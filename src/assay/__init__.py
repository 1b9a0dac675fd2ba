"""Assay: the open human-data platform. `assay.Client` is the Python SDK; `assay.quality` holds the numbers."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.client import ApiError, Client, Unreachable, sign_in

    __version__: str

__all__ = ["ApiError", "Client", "Unreachable", "__version__", "sign_in"]


def __getattr__(name: str) -> Any:
    """Load what is asked for: the server and its child processes start without the client."""
    if name == "__version__":
        from importlib.metadata import version

        return version("assay")
    if name in __all__:
        from assay import client

        return getattr(client, name)
    raise AttributeError(f"module 'assay' has no attribute {name!r}")
