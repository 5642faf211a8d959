with

track as (

    select * from {{ ref('track') }}

),

main as (

    select
        track_key,
        coalesce(artist_key, -1) as artist_key,
        'main' as role
    from track

),

named as (

    select
        track_key,
        explode(featured_artist_names) as artist_name
    from track

),

featured as (

    select distinct
        track_key,
        {{ artist_key('artist_name') }} as artist_key,
        'featured' as role
    from named

),

-- An artist who features on a track of their own is its main artist.
guests as (

    select featured.*
    from featured
    left anti join main
        on
            featured.track_key = main.track_key
            and featured.artist_key = main.artist_key

),

bridge_track_artist as (

    select * from main

    union all

    select * from guests

    union all

    select
        -1 as track_key,
        -1 as artist_key,
        'main' as role

)

select * from bridge_track_artist
