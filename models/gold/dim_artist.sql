with

artist as (

    select * from {{ ref('artist') }}

),

bridge_track_artist as (

    select * from {{ ref('bridge_track_artist') }}

),

track as (

    select * from {{ ref('track') }}

),

counted as (

    select
        bridge_track_artist.artist_key,
        count(
            distinct if(
                bridge_track_artist.role = 'main', track.album_key, null
            )
        ) as album_count,
        count_if(bridge_track_artist.role = 'main') as track_count,
        count_if(bridge_track_artist.role = 'featured') as featured_track_count
    from bridge_track_artist
    inner join track on bridge_track_artist.track_key = track.track_key
    group by bridge_track_artist.artist_key

),

joined as (

    select
        artist.artist_key,
        artist.artist_name,
        counted.album_count,
        counted.track_count,
        counted.featured_track_count
    from artist
    inner join counted on artist.artist_key = counted.artist_key

),

dim_artist as (

    select * from joined

    union all

    select
        -1 as artist_key,
        'Unknown' as artist_name,
        null as album_count,
        null as track_count,
        null as featured_track_count

)

select * from dim_artist
