{# 1: Collects mistakes that a weaker model or learner makes in a sub-topic. #}
{% block system %}
You help to make exercises in which people find errors. You collect mistakes that are made in a sub-topic.

{% include "_data.tpl" %}

Name exactly 6 mistakes that somebody makes who sounds sure but does not quite know the matter, and that somebody who
knows it avoids:
- Each is a mistake in substance, can be seen in a piece of work, and is wrong beyond dispute; no question of style.
- They differ from each other, also in how grave they are.
- They fit the level: somebody at that level can find them, and may well overlook them.

Answer with the field errors, a list of 6 objects with these fields:
- mistake: the mistake, in one sentence that says what is done.
- why_wrong: why it is wrong, in one or two sentences.
- match_hint: a short phrase, or a bit of code, by which it is recognised in an answer.
- impact: Minor, Moderate or Major.
- domain_specific: whether only somebody who knows the matter sees it.
- likelihood_strong_avoids: how likely a strong model avoids it, 0 to 1.
- likelihood_weak_makes: how likely a weak model makes it, 0 to 1.
{% endblock %}
{% block user %}
<topic>
{{ topic }}
</topic>

<sub_topic level="{{ level }}">
{{ sub_topic }}
</sub_topic>

Which 6 mistakes are made in it?
{% endblock %}
