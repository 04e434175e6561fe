{% if evidence %}
<found>
{% for one in evidence %}
{{ one }}
{% endfor %}
</found>

{% endif %}
