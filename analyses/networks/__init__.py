"""The further kinds of network: one file each, and the engine that they share."""
