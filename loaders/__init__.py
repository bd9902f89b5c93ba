"""Data comes in: event tables of the contract, or a source's own through a mapping."""

from loaders.load import load
from loaders.pseudonyms import Pseudonyms
from loaders.rejects import write_rejects
from loaders.report import Finding, LoadReport, Outside, TableReport, render

__all__ = [
    "Finding",
    "LoadReport",
    "Outside",
    "Pseudonyms",
    "TableReport",
    "load",
    "render",
    "write_rejects",
]
