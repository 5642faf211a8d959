{#-
    A timestamp in UTC. Text with a zone keeps its instant; text without one is read as wall clock
    time of `api_time_zone` (a var; of an hour that a clock change repeats, the first); text that
    is no timestamp is null.

    {{ to_utc('record.created_at') }}:  '2026-03-01T08:00:00'  ->  2026-03-01 08:00:00 UTC
-#}
{% macro to_utc(expression) -%}
    {%- set zone = var('api_time_zone') -%}
    {%- set parsed = 'try_cast(' ~ expression ~ ' as timestamp)' -%}
    {%- if zone == 'UTC' -%}
        {{ parsed }}
    {%- else -%}
        if(
            {{ expression }} rlike r'(Z|[+-][0-9]{2}(:?[0-9]{2})?)$' and {{ expression }} like '%:%',
            {{ parsed }},
            to_utc_timestamp({{ parsed }}, '{{ zone }}')
        )
    {%- endif -%}
{%- endmacro %}
