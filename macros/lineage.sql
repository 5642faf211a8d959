{#-
    The lineage columns of a landed record, under the names they have from silver on.

    {{ lineage() }}  ->  _batch_id as batch_id, _page as page, ...
-#}
{% macro lineage() -%}
    _batch_id as batch_id,
        _page as page,
        _position as position,
        _ingested_at as ingested_at,
        payload
{%- endmacro %}
