{#-
    Whether a track is one of the first of its artist on a list, so that the list has no more of
    one artist than `artist_share` of its length. Tracks of unknown artists always are.

    {{ within_artist_share('ranked') }}  ->  (ranked.artist_place <= 10 or ranked.artist_key = -1)
-#}
{% macro within_artist_share(relation) -%}
{%- set most = (var('artist_share') * var('recommendations_per_user')) | round(0, 'floor') | int -%}
(
    {{ relation }}.artist_place <= {{ [most, 1] | max }}
    or {{ relation }}.artist_key = -1
)
{%- endmacro %}
