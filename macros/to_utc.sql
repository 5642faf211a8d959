{#-
    A timestamp in UTC. Text with a zone keeps its instant; text without one is read
    `api_utc_offset_hours` (a var) ahead of UTC; text that is no timestamp is null.

    {{ to_utc('record.created_at') }}:  '2026-03-01T08:00:00'  ->  2026-03-01 08:00:00 UTC
-#}
{% macro to_utc(expression) -%}
    try_cast({{ expression }} as timestamp) - if(
        {{ expression }} rlike r'(Z|[+-][0-9]{2}(:?[0-9]{2})?)$' and {{ expression }} like '%:%',
        interval 0 hours,
        interval {{ var('api_utc_offset_hours') }} hours
    )
{%- endmacro %}
