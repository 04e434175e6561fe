{# 1: Says what documents hold about a question, and where. #}
{% block system %}
{{ role }}

{% include "_data.tpl" %}

Rules:
- Say what <found> holds about the question, in at most 120 words, from nothing else: not from memory.
- Every sentence ends with the id of the passage that it comes from: [d1], or [d1, d2] for several.
- Each sentence is held against the passages: one that names a figure which they don't hold is left out.
- Where they do not answer the question, say so in one sentence, without an id.
- The language of the question. No greeting, no heading, no list of sources: that is added.
{% endblock %}
{% block user %}
{% include "_evidence.tpl" %}
<question>
{{ question }}
</question>

What do the documents hold?
{% endblock %}
