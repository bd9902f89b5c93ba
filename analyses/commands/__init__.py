"""The commands, grouped by what they are for; `analyses.cli` lists them."""
