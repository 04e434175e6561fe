- The query is one JSON document of this form, and holds nothing else: no comments, no code fence, no JavaScript.
  {{ form }}
- <rules>, where there are any, come from whoever runs this service and say what the words of the business mean here:
  the query keeps to them, as far as it only reads.
- <values_found> says which words of the question are values in the data: compare with the value as it is written there.
  Do not invent values.
- Relative times ("last month", "this year") are counted from the last day in the data, not from today, and the
  explanation says so.
- Never write figures or texts of the answer from memory: everything in the result is read from the source.
