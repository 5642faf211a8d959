{#-
    The CTE of the lists that a track may stand on: one per genre, with the track's weight in it,
    and genre key 0, all genres together, with weight 1. Expects the CTEs `bridge_track_genre`
    and `dim_track`.

    {{ listed_genres_cte() }}  ->  listed_genres(track_key, genre_key, genre_weight)
-#}
{% macro listed_genres_cte() -%}
listed_genres as (

    select
        track_key,
        genre_key,
        genre_weight
    from bridge_track_genre

    union all

    select
        track_key,
        0 as genre_key,
        1.0D as genre_weight
    from dim_track

)
{%- endmacro %}
