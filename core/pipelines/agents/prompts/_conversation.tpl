{% if turns %}
<conversation>
{% for turn in turns %}
{{ turn }}
{% endfor %}
</conversation>

{% endif %}
