Rules for the query:
- One search in one collection that stands in <schema>. It only reads.
- What the question is about goes into `text`, in the words that the texts searched for would use, without the question's
  own frame ("find", "how many") and without what the filter says. Leave `text` out when nothing is to be alike: then
  all points that meet the filter are returned.
- `filter` only with fields that stand in <schema>, spelled exactly so, compared with values of their type.
- `limit` is how many points are returned: by similarity 10 unless the question says another number, 20 at most.
- The search returns points: it can't count, add up or group. A question that needs that is answered by what can be
  returned for it, and the explanation says so; when that is no answer, leave the query empty.
{% include "_document.tpl" %}
