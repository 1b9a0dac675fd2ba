"""The ground that every room stands on: ids, errors, leases and canonical JSON. Pure; knows nothing of the business."""

from assay.kernel.canonical import canonical_json, sha256_hex
from assay.kernel.errors import AssayError, Conflict, Invalid, NotAllowed, NotFound, Problem, Unavailable
from assay.kernel.ids import new_id
from assay.kernel.lease import Lease

__all__ = [
    "AssayError",
    "Conflict",
    "Invalid",
    "Lease",
    "NotAllowed",
    "NotFound",
    "Problem",
    "Unavailable",
    "canonical_json",
    "new_id",
    "sha256_hex",
]
