"""From the graph to teams, roles and risk: signals, belief, helper roles."""
