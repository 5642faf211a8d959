with

track as (

    select * from {{ ref('track') }}

),

exploded as (

    select
        track_key,
        explode_outer(genre_names) as genre_name
    from track

),

keyed as (

    select distinct
        track_key,
        coalesce({{ key([genre_spelling('genre_name')]) }}, -1) as genre_key
    from exploded

),

weighted as (

    select
        track_key,
        genre_key,
        1.0D / count(*) over (partition by track_key) as genre_weight
    from keyed

),

bridge_track_genre as (

    select * from weighted

    union all

    select
        -1 as track_key,
        -1 as genre_key,
        1 as genre_weight

)

select * from bridge_track_genre
