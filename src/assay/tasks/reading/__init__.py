"""Files that customers send, turned into rows: JSONL, CSV, TSV and Parquet, in constant memory, in a child process.

`read` is what other rooms call. It never raises for what is in the file: a bad row comes back as data, with its line
and what to do about it, and the good rows around it come through. The parsing itself runs in a child process with
limits on memory and time (`child.py`), because a file's own statements about its size prove nothing.
"""

from assay.tasks.reading.columns import Mapping, propose_mapping, rename
from assay.tasks.reading.isolated import read
from assay.tasks.reading.model import BadRow, FileFormat, Limits, Row, Source
from assay.tasks.reading.sniff import sniff

__all__ = [
    "BadRow",
    "FileFormat",
    "Limits",
    "Mapping",
    "Row",
    "Source",
    "propose_mapping",
    "read",
    "rename",
    "sniff",
]
