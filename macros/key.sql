{#-
    The bigint key of a natural key: xxhash64 of its parts, compared without case. Null when the
    first part is null, so that a missing thing gets no key (gold then joins it to -1).

    {{ key(['artist_name']) }}
    ->  if(artist_name is null, null, xxhash64(lower(artist_name)))
-#}
{% macro key(parts) -%}
    {%- set lowered = [] -%}
    {%- for part in parts -%}{%- do lowered.append('lower(' ~ part ~ ')') -%}{%- endfor -%}
    if({{ parts[0] }} is null, null, xxhash64({{ lowered | join(', ') }}))
{%- endmacro %}
