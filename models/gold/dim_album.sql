with

album as (

    select * from {{ ref('album') }}

),

track as (

    select * from {{ ref('track') }}

),

counted as (

    select
        album_key,
        count(*) as track_count,
        sum(duration_seconds) as duration_seconds
    from track
    group by album_key

),

joined as (

    select
        album.album_key,
        coalesce(album.artist_key, -1) as artist_key,
        album.album_title,
        counted.track_count,
        counted.duration_seconds
    from album
    inner join counted on album.album_key = counted.album_key

),

dim_album as (

    select * from joined

    union all

    select
        -1 as album_key,
        -1 as artist_key,
        'Unknown' as album_title,
        null as track_count,
        null as duration_seconds

)

select * from dim_album
