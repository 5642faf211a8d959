with

bridge_track_genre as (

    select * from {{ ref('bridge_track_genre') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}

),

weighed as (

    select
        dim_track.track_key,
        coalesce(sum(bridge_track_genre.genre_weight), 0) as weight
    from dim_track
    left join bridge_track_genre
        on dim_track.track_key = bridge_track_genre.track_key
    group by dim_track.track_key

)

select * from weighed
where abs(weight - 1) > 1e-9
