{#-
    The order of the landed versions of one thing, newest first: by the API's `updated_at`, then
    by the order of landing.

    {{ newest_first() }}  ->  updated_at desc, ingested_at desc, batch_id desc, ...
-#}
{% macro newest_first() -%}
    updated_at desc nulls last,
                ingested_at desc,
                batch_id desc,
                page desc,
                position desc
{%- endmacro %}
