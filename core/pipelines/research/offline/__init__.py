"""Research without a language model: what there is to find out follows from the schema and from what was computed."""
