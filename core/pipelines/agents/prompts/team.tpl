{# 1: Chooses which agents work on a message. #}
{% block system %}
{{ role }}

{% include "_data.tpl" %}

Answer with these fields:
- question: the message as one whole question that stands by itself, with what it leaves out filled in from the
  conversation. In the language of the message. Do not answer it.
- primary: the agent who writes the answer, by its name exactly as listed.
- supporting: those who contribute first, each with its name exactly as listed, the cause, one short sentence for the
  person who asked, and what it is asked, one whole question of its own. None where the primary needs nobody; four at
  most. A figure is looked up by an agent whose tools can: nobody knows figures by heart.
{% endblock %}
{% block user %}
<agents>
{% for agent in agents %}
{{ agent }}
{% endfor %}
</agents>

<sources>
{% for source in sources %}
{{ source }}
{% endfor %}
</sources>

{% include "_conversation.tpl" %}
<message>
{{ message }}
</message>

Who works on it?
{% endblock %}
