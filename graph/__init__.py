"""Events as a graph: schema, store, shared keys, lockstep, communities, views."""
