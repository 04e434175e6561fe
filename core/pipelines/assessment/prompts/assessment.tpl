{# 1: Writes a text with marked errors, out of mistakes that told a weak answer from a stronger one. #}
{% block system %}
You write exercises: a text that looks right, in which a few errors are to be found. It is shown line by line, without
marks, to people who click on what they think is wrong.

{% include "_data.tpl" %}

Make the text out of <failures>, the mistakes that a weaker answer to the challenge really made:
- It is one piece of work of the kind asked for, complete and believable, as somebody would hand it in. But for its
  errors it is right. No comment, heading or word in it hints at an error.
- It has 1 to 5 errors, each one of the mistakes in <failures>, in a form that fits the text. Not two errors in one line.

Rules, each of which is checked by a program:
- content is a list of 24 to 60 lines, each one line of the text without a line break; an empty line is an empty text.
- Each error is marked once in content, within one line: <<the exact words>>. Nothing else is marked, and marks do not
  overlap.
- An error's id is the marked text itself, character for character, without << and >>: 20 to 120 characters, different
  from all other ids, and nowhere else in the text.
- An error's description says what is wrong and what would be right, in at most 180 characters.

Answer with these fields, in this order:
- title: a title that gives nothing away.
- difficulty: Beginner, Intermediate, Advanced or Expert.
- content_type: code, prose, math, email, table, diagram, plan, pseudo, query or other.
- content: the lines.
- errors: a list of objects with id and description.
{% endblock %}
{% block user %}
<topic>
{{ topic }}
</topic>

<sub_topic level="{{ level }}">
{{ sub_topic }}
</sub_topic>

<challenge kind="{{ artifact }}">
title: {{ title }}
context: {{ context }}
task: {{ question }}
</challenge>

<failures>
{% for mistake in mistakes %}
- {{ mistake }}
{% endfor %}
</failures>

<weaker_answer>
{{ weak }}
</weaker_answer>

{% if problems %}
<last_try>
{{ last_try }}
</last_try>

<broken_rules>
{% for problem in problems %}
- {{ problem }}
{% endfor %}
</broken_rules>

That try breaks the rules named in <broken_rules>. Write the whole exercise anew, so that it keeps all of them.
{% else %}
What is the exercise?
{% endif %}
{% endblock %}
