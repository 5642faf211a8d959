{#-
    Ranks the landed versions of one thing, newest first. Rejected versions do not count.

    {{ recency_rank('track_id') }}  ->  1 for the current version, 2 and up for superseded ones
-#}
{% macro recency_rank(identifier) -%}
    row_number() over (
        partition by {{ identifier }}, reject_reason
        order by {{ newest_first() }}
    )
{%- endmacro %}
