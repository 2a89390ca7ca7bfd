"""What changes the units: loading the official list, settling what a change left behind, villages."""

from places.operations.loading import LoadReport, compare_units, load_changes, load_units
from places.operations.settling import settle_units
from places.operations.village_changes import (
    correct_village,
    divide_village,
    end_village,
    merge_villages,
    rename_village,
)
from places.operations.villages import MOST_VILLAGES, VillageReport, add_village, add_villages

__all__ = [
    "MOST_VILLAGES",
    "LoadReport",
    "VillageReport",
    "add_village",
    "add_villages",
    "compare_units",
    "correct_village",
    "divide_village",
    "end_village",
    "load_changes",
    "load_units",
    "merge_villages",
    "rename_village",
    "settle_units",
]
