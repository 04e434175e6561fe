Rules for the query:
- One call of one method, over channels that stand in <schema> or <values_found>. It only reads.
- `search` finds messages by words: the few words that such a message would hold, not the question's own. `history` reads
  a channel's messages, `thread` a message's replies, `users` and `channels` list people and channels.
- Days go into `date_from` and `date_to`, people into `users`, channels into `channels`, never into the words.
- `limit` only when the question asks for a number of messages.
- The call returns messages: it can't count, add up or group. A question that needs that is answered by the messages
  that it is about, and the explanation says so; when that is no answer, leave the query empty.
{% include "_document.tpl" %}
