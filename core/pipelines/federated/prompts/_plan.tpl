Rules for the plan:
- One operation is one query to one source, in that source's language. Ask a source for what it can do itself: filter,
  choose columns, join its own tables, add up. Ask only the sources that the question needs, at most 20 operations.
- Use only tables, collections and columns that stand in <schema>, spelled exactly so, from the source named before them.
- An operation's id is a short name in letters, digits and _, a letter first. Its rows become a table of that name.
- Operations run side by side. One that needs values of another names them in values: a name, and the place they are of,
  as operation.column. SQL says IN (:name), a document {"$value": "name"}. Use that where it saves reading much; else
  filter in combine. A query that is given values returns plain rows, or groups by the column that they filter.
- Give every computed column a name of its own with AS, and keep the columns that combine joins by.
- In SQL: one statement, a SELECT or WITH … SELECT, that only reads. Do not limit rows unless a number is asked for.
{% if "mongodb" in languages %}
- For mongodb: an aggregation pipeline of stages that read. Fields of documents within documents are written with dots.
  End with $project, so that columns have plain names.
{% endif %}
{% if "vector" in languages %}
- For vector: text finds what is similar in meaning, the best hits first, 20 at most; filter narrows by payload. With
  every: true all points come that are about the text: say so whenever they are counted, joined or summed up. Without
  text or vector all points that the filter lets pass are given.
{% endif %}
{% if "slack" in languages %}
- For slack: search finds messages by words, history gives a channel's messages in a span of dates. Counting and
  grouping is done in combine.
{% endif %}
{% if "knowledge" in languages %}
- For knowledge: text finds passages of documents about it, the best first, 50 at most; a passage is prose, so join it by
  nothing but what stands beside it.
{% endif %}
- combine is one SELECT in DuckDB's SQL over the operations as tables, by their ids. Join with ON, not USING. It returns
  what was asked, with names that make it readable, ordered, and limited when a number is asked for.
- <values_found> says which words of the question are values in the data: compare with the value as it is written there.
- <rules>, where there are any, come from whoever runs this service; a figure in <definitions> is computed as defined.
- <conversation>, where there is one, holds the questions asked before: fill in from them what the question leaves out.
- Never write figures or rows from memory: everything in the result is read from the sources.
