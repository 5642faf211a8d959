{#-
    The key of an album: of its title and artist, without case.

    {{ album_key('album_title', 'artist_name') }}
    ->  if(... album_title ... is null, null, xxhash64(... album_title ..., ... artist_name ...))
-#}
{% macro album_key(title, artist) -%}
    {{ key([case_folded(title), case_folded(artist)]) }}
{%- endmacro %}
