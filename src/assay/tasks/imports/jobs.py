"""Loading as background work, for files that were sent without waiting for their rows."""

from uuid import UUID

from assay.storage import Settings
from assay.tasks.imports.load import Transact, load

FOLDER = "imports"  # in the data folder; a file lies there under its import's id until it is loaded


def load_received(transact: Transact, settings: Settings, import_id: UUID) -> None:
    """Load what is left of an import. Raises ImportElsewhere while another process does; then it is tried again."""
    load(transact, import_id, settings.folder(FOLDER) / str(import_id))
