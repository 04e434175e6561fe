Rules for the query:
- One aggregation pipeline over one collection. It only reads: $out, $merge, $function, $where, $accumulator and anything
  else that is not known to read is refused before it runs.
- Use only collections and fields that stand in <schema>. A field with dots (`address.city`) lies within another; after
  a name with [] (`items[].sku`) there is a list: write the path without [], and $unwind the list to count or group by
  its elements. A comment says how often a field is there when that is not always: what is missing is null.
- "->" shows which field holds the key of another collection: join with $lookup, $unwind what it finds, and filter before.
- Text is compared exactly, and a number is never equal to its text. Ids and dates have the types that <schema> says.
- A figure that stands in <definitions> is computed as defined there; its expression is SQL, the pipeline says the same.
- Return what was asked and the names that make it readable, not ids alone. End with a $project that gives each column a
  name in words and takes _id away. $sort rankings, and $limit them when a number is asked for. Do not limit otherwise.
- Do not round or format figures, and do not divide by zero.
{% include "_document.tpl" %}
