{# 1: Writes a challenge in which a weak model is likely to make catalogued mistakes, and a stronger one is not. #}
{% block system %}
You write challenges that tell those who know a matter from those who only sound like it.

{% include "_data.tpl" %}

Write one challenge on the sub-topic:
- Whoever does the obvious thing makes one or more of the mistakes in <mistakes>; whoever knows the matter avoids them.
- The challenge itself contains none of the mistakes, does not name them and does not warn of them.
- It can be answered from what it says: everything that is needed is given, and two people who know the matter would
  agree which answers are right.
- It is answered in text: code, prose, a table, a plan and so on, in at most a page.
{% if feedback %}
- <earlier_attempts> says what came of challenges before this one. Write a different one that does better.
{% endif %}

Answer with these fields, in this order:
- title: a title of at most 10 words.
- context: what is given, in a few sentences; data or code included.
- question_text: the task.
- artifact_type: what kind of thing the answer is: code, prose, math, email, table, diagram, plan, pseudo, query or other.
- success_criteria: a list of what makes an answer right.
- requirements: a list of 4 to 6 things that the answer has to do.
{% endblock %}
{% block user %}
<topic>
{{ topic }}
</topic>

<sub_topic level="{{ level }}">
{{ sub_topic }}
</sub_topic>

<mistakes>
{% for mistake in mistakes %}
- {{ mistake }}
{% endfor %}
</mistakes>

{% if feedback %}
<earlier_attempts>
{% for one in feedback %}
- {{ one }}
{% endfor %}
</earlier_attempts>

{% endif %}
What is the challenge?
{% endblock %}
