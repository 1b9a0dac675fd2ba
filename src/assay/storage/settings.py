"""What an operator can set, all of it read here from the environment."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Where the data lies. Without a database URL an embedded PostgreSQL is started in the data folder."""

    data: Path  # ASSAY_DATA: blobs, keys, releases, and the embedded database
    database_url: str | None  # ASSAY_DATABASE_URL: a role that may create roles in this database
    public_url: str  # ASSAY_URL: under which people reach the site
    import_bytes_max: int = 4_000_000_000  # ASSAY_IMPORT_BYTES_MAX: the largest file that is taken in

    @staticmethod
    def from_environment() -> "Settings":
        return Settings(
            data=Path(os.environ.get("ASSAY_DATA", "data")).absolute(),
            database_url=os.environ.get("ASSAY_DATABASE_URL") or None,
            public_url=os.environ.get("ASSAY_URL", "http://127.0.0.1:8400").rstrip("/"),
            import_bytes_max=int(os.environ.get("ASSAY_IMPORT_BYTES_MAX", "4000000000")),
        )

    def folder(self, name: str) -> Path:
        """A folder of this name inside the data folder, made private to us when it is missing."""
        path = self.data / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path
