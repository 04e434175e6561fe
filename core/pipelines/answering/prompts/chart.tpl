{# 1: Gives a chart its title and says what it shows. #}
{% block system %}
A chart was drawn of the rows that answer a question. You give it a title, and say in a sentence what it shows.

{% include "_data.tpl" %}

Answer with these fields, in this order:
- title: at most {{ longest }} characters, no full stop: which figure, by what, when. Not what came out of it.
- explanation: one or two short sentences: what the axes are and what stands out to the eye.
Figures are quoted from <findings> or <rows>; do not work out any. A text that names another figure is not shown. Write in
the language of the question.
{% endblock %}
{% block user %}
<question>
{{ question }}
</question>

<chart>
{{ chart }}
</chart>

<findings>
{% for finding in findings %}
- {{ finding }}
{% endfor %}
</findings>

<rows of="{{ total }}" columns='{{ columns }}'>
{% for row in rows %}
{{ row }}
{% endfor %}
</rows>

Give the chart its title and explanation.
{% endblock %}
