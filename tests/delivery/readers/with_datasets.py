"""Load every configuration of a release with `datasets`, as a customer would. Run by test_loaders with their Python."""

import json
import sys

import datasets

folder = sys.argv[1]
found: dict[str, dict[str, int]] = {}
for name in datasets.get_dataset_config_names(folder):
    loaded = datasets.load_dataset(folder, name)
    found[name] = {split: rows.num_rows for split, rows in loaded.items()}
for name in datasets.get_dataset_config_names(f"{folder}/train"):
    loaded = datasets.load_dataset(f"{folder}/train", name)
    found[name] = {split: rows.num_rows for split, rows in loaded.items()}
default = datasets.load_dataset(folder)
preference = datasets.load_dataset(f"{folder}/train", "preference", split="train")
first = preference[0]
print(
    json.dumps(
        {
            "configs": found,
            "default": sorted(default["train"].column_names),
            "first": first,
            "types": {name: str(feature) for name, feature in preference.features.items()},
        }
    )
)
