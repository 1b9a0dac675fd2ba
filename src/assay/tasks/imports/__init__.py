"""Files of items, gold, suggestions, recorded responses and recorded gold results: received, loaded, and reported on.

Good rows go in, bad rows come back with their line; the same file twice adds nothing.
"""

from assay.tasks.imports.jobs import load_received
from assay.tasks.imports.load import load
from assay.tasks.imports.model import Import, ImportElsewhere, ImportKind, NoSuchImport, Options
from assay.tasks.imports.receive import receive

__all__ = ["Import", "ImportElsewhere", "ImportKind", "NoSuchImport", "Options", "load", "load_received", "receive"]
