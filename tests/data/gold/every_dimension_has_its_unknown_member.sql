{% set dimensions = {
    'dim_date': 'date_key',
    'dim_user': 'user_key',
    'dim_track': 'track_key',
    'dim_album': 'album_key',
    'dim_artist': 'artist_key',
    'dim_genre': 'genre_key',
} %}

with

counted as (

    {% for dimension, key in dimensions.items() %}

    select
        '{{ dimension }}' as dimension,
        count_if({{ key }} = -1) as unknown_count
    from {{ ref(dimension) }}

    {{ 'union all' if not loop.last }}

    {% endfor %}

)

select * from counted
where unknown_count != 1
