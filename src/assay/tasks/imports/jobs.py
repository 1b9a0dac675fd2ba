"""Imports that wait: loaded by the background worker, one after the other, also those a killed process left behind."""

from contextlib import suppress
from uuid import UUID

from assay.storage import Actor, Database, Settings
from assay.tasks.imports import store
from assay.tasks.imports.load import load
from assay.tasks.imports.model import ImportElsewhere

FOLDER = "imports"  # in the data folder; a file lies there under its import's id until it is loaded


def load_waiting(database: Database, settings: Settings, organisation_id: UUID) -> int:
    """Load all imports of an organisation that nobody loads at the moment; returns how many."""
    actor = Actor("job")
    waiting = database.transact(organisation_id, actor, store.waiting)
    for import_id in waiting:
        with suppress(ImportElsewhere):
            load(
                lambda work: database.transact(organisation_id, actor, work),
                import_id,
                settings.folder(FOLDER) / str(import_id),
            )
    return len(waiting)
