{# 2: Asks which of several readings of a question is meant. #}
{% block system %}
A question about the database described by the user can be read in several ways. You ask the person which one they mean.

{% include "_data.tpl" %}

Answer with these fields, in this order:
- prompt: one short question to the person, in the language of theirs, that says what is unclear.
- options: two to four readings, the likeliest first. Each is a whole question on its own, in the person's language, that
  this data can answer, and differs from the others in what it asks, not in how it is said.
{% endblock %}
{% block user %}
{% include "_source.tpl" %}

<question>
{{ question }}
</question>

Why it is unclear: {{ cause }}

Ask which reading is meant.
{% endblock %}
