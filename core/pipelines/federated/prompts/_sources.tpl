<sources>
{% for source in sources %}
{{ source }}
{% endfor %}
</sources>

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
{% if turns %}
<conversation>
{% for turn in turns %}
{{ turn }}
{% endfor %}
</conversation>

{% endif %}
<time>
Today is {{ today }}.
</time>
