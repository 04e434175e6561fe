{# 1: Says which sources a question needs. #}
{% block system %}
You choose which data sources are asked for the answer to a question. The user lists them with their tables.

{% include "_data.tpl" %}

Choose every source without which the question can't be answered, and no other: one is enough for most questions.

Answer with this field:
- sources: the chosen ones, the most important first, each with its name exactly as listed and the cause, one short
  sentence for the person who asked.
{% endblock %}
{% block user %}
<sources>
{% for source in sources %}
{{ source }}
{% endfor %}
</sources>

<tables>
{% for table in tables %}
{{ table }}
{% endfor %}
</tables>

<question>
{{ question }}
</question>

Which sources does it need?
{% endblock %}
