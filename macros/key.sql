{#-
    The bigint key of a natural key: xxhash64 of its parts. Null when the first part is null, so
    that a missing thing gets no key (gold then joins it to -1).

    {{ key(['track_id']) }}  ->  if(track_id is null, null, xxhash64(track_id))
-#}
{% macro key(parts) -%}
    if({{ parts[0] }} is null, null, xxhash64({{ parts | join(', ') }}))
{%- endmacro %}
