{% if language == "mongodb" %}
{% include "_mongodb.tpl" %}
{% elif language == "vector" %}
{% include "_vector.tpl" %}
{% elif language == "slack" %}
{% include "_slack.tpl" %}
{% else %}
{% include "_sql.tpl" %}
{% endif %}
