"""Validate croissant.json with `mlcroissant` and read records through it. Run by test_loaders with their Python."""

import json
import logging
import os
import sys

import mlcroissant

warnings: list[str] = []
handler = logging.Handler()
handler.emit = lambda record: warnings.append(record.getMessage())  # type: ignore[method-assign]
logging.getLogger().addHandler(handler)
logging.getLogger("absl").addHandler(handler)

os.chdir(sys.argv[1])
dataset = mlcroissant.Dataset(jsonld="croissant.json")
records = {}
for record_set in dataset.metadata.record_sets:
    records[record_set.id] = sum(1 for _ in dataset.records(record_set.id))
metadata = dataset.metadata
print(
    json.dumps(
        {
            "errors": sorted(metadata.ctx.issues.errors),
            "warnings": sorted(metadata.ctx.issues.warnings),
            "logged": warnings,
            "records": records,
            "protocol": metadata.data_annotation_protocol,
            "per_item": metadata.annotations_per_item,
        }
    )
)
