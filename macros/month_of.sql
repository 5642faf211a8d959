{#-
    The month of a timestamp as text, `unknown` when it is null: the partition of tables of
    listens.

    {{ month_of('listened_at') }}:  2026-03-01 08:00:00  ->  '2026-03'
-#}
{% macro month_of(moment) -%}
    coalesce(date_format({{ moment }}, 'yyyy-MM'), 'unknown')
{%- endmacro %}
