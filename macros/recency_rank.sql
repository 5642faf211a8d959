{#-
    Ranks the landed versions of one thing, newest first: by the API's `updated_at`, then by
    the order of landing. Rejected versions do not count.

    {{ recency_rank('track_id') }}  ->  1 for the current version, 2 and up for superseded ones
-#}
{% macro recency_rank(identifier) -%}
    row_number() over (
        partition by {{ identifier }}, reject_reason
        order by
            updated_at desc nulls last,
            ingested_at desc,
            batch_id desc,
            page desc,
            position desc
    )
{%- endmacro %}
