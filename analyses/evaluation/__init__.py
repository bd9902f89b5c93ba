"""How good a run is against a known truth."""
