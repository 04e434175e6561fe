Rules for the query:
- One statement, a SELECT or WITH … SELECT, in {{ dialect }}. It only reads; anything else is refused before it runs.
- Use only tables and columns that stand in <schema>, spelled exactly so. Quote a name that {{ dialect }} would not take
  bare. Join along the keys shown by "->".
- <rules>, where there are any, come from whoever runs this service and say what the words of the business mean here:
  the query keeps to them, as far as it only reads.
- A figure that stands in <definitions> is computed as defined there, with its condition.
- <values_found> says which words of the question are values in the data: compare with the value as it is written there.
  Do not invent values; where none is shown, compare text without regard to case.
- Relative times ("last month", "this year") are counted from the last day in the data, not from today, and the
  explanation says so. A part of the year at the data's end is not a whole year.
- Return what was asked and the names that make it readable, not ids alone; give computed columns names in words. Order
  rankings, and limit them when a number is asked for. Do not limit otherwise.
- Do not round or format figures; divide without losing fractions, and not by zero.
- Never write figures or rows from memory: everything in the result is read from the tables.
