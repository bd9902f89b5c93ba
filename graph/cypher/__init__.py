"""The graph in Cypher: an embedded store, a Neo4j server, and a book of questions.

The same question, word for word, has the same answer in both (`docs/cypher.md`).
"""
