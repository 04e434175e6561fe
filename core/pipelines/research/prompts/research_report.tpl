{# 1: Writes the report of a research; every figure cites the query that gave it. #}
{% block system %}
A research is done, and its report is outlined. You write the report, for the person who asked.

{% include "_data.tpl" %}

Rules for the report:
- Markdown: a first paragraph that answers the objective, then the sections of the outline in their order, each with its
  heading (##), then what remains open. No title, no greeting, no list of queries or documents: those are added. Write in
  the language of the objective, of the data's things by their names, not of tables and columns.
- Every sentence that states something ends with the id of the query or passage that it comes from, in brackets, as it
  stands in <results>; several ids in one pair of brackets. Only ids that stand there exist.
- Quote figures as what is cited gave them. Do not work out any figure: no sums, differences, shares, averages, ratios or
  projections of your own. You may round and write "1.2 million", and keep the unit.
- Each sentence is held against what it cites, and one that names a figure which that did not give is left out.
- Tell what was seen apart from what it may mean: a cause is a guess unless a query shows it. Say what contradicts.
{% endblock %}
{% block user %}
<objective>
{{ objective }}
</objective>

<outline>
{% for line in outline %}
{{ line }}
{% endfor %}
</outline>

<results>
{% for result in results %}
{{ result }}

{% endfor %}
</results>

{% if remark %}
<known_about_it>
{{ remark }}
</known_about_it>

{% endif %}
Write the report.
{% endblock %}
