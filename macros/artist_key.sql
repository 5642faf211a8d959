{#-
    The key of an artist: of the name, without case.

    {{ artist_key('artist_name') }}  ->  if(... is null, null, xxhash64(... artist_name ...))
-#}
{% macro artist_key(name) -%}
    {{ key([case_folded(name)]) }}
{%- endmacro %}
