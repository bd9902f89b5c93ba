"""What a run leaves behind: run folder, lists, cards, and their words."""
