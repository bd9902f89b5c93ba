"""How many reasons a cell of a list names, and which lines are no reasons."""

SUMS = ("prior", "team", "other_roles")
"""Lines of a card that sum up or balance others; they are no reasons."""

FOR_SHOWN, AGAINST_SHOWN = 5, 3
"""How many reasons a cell names for and against; all are in the JSON lines."""

EVENTS_NAMED = 3
"""How many events a reason in a cell names; all are in the JSON lines."""

TEAM_SIGNALS_NAMED = 3
"""How many of a team's signals are named beside an account of it."""
