"""What of a schema matters to a question: words, a BM25 ranking of tables, their neighbours along foreign keys."""
