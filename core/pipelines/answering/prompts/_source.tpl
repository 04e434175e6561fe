<schema>
{% for table in tables %}
{{ table }}
{% endfor %}
</schema>

{% if rules %}
<rules>
{% for rule in rules %}
{{ rule }}
{% endfor %}
</rules>

{% endif %}
{% if definitions %}
<definitions>
{% for definition in definitions %}
{{ definition }}
{% endfor %}
</definitions>

{% endif %}
{% if linked_values %}
<values_found>
{% for value in linked_values %}
{{ value }}
{% endfor %}
</values_found>

{% endif %}
{% if similar_questions %}
<answered_before>
{% for turn in similar_questions %}
{{ turn }}
{% endfor %}
</answered_before>

{% endif %}
{% if earlier_turns %}
<conversation>
{% for turn in earlier_turns %}
{{ turn }}
{% endfor %}
</conversation>

{% endif %}
<time>
Today is {{ today }}.{% if last_day %} Most of the data ends on {{ last_day }}.{% endif +%}
</time>
