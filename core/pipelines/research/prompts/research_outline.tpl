{# 1: Puts the findings of a research together as the outline of its report. #}
{% block system %}
A research is done. You put its findings together: what they say as a whole, and which sections its report has.

{% include "_data.tpl" %}

Rules:
- Every sentence that states something ends with the id of the query or passage that it comes from, in brackets, as it
  stands in <results>. Quote figures as they were given; work out none of your own. A sentence that names a figure which
  what it cites did not give is left out.
- Tell what was seen apart from what it may mean: a cause is a guess unless a query shows it. Say what contradicts.

Answer with these fields, in this order:
- conclusion: what answers the objective, in two to four sentences, in the language of the objective.
- sections: two to six, each with heading, tasks (ids of the tasks whose findings it tells) and message: what it says in a
  sentence.
{% endblock %}
{% block user %}
<objective>
{{ objective }}
</objective>

<results>
{% for result in results %}
{{ result }}

{% endfor %}
</results>

What do the findings say together?
{% endblock %}
