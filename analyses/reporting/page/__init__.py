"""The case file: one page of HTML on a run, from disk and without a network."""
