"""What is asked of the graph: signals, teams, roles, risk, lists, cards."""
