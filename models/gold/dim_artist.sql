with

artist as (

    select * from {{ ref('artist') }}

),

track as (

    select * from {{ ref('track') }}

),

counted as (

    select
        artist_key,
        count(distinct album_key) as album_count,
        count(*) as track_count
    from track
    group by artist_key

),

joined as (

    select
        artist.artist_key,
        artist.artist_name,
        counted.album_count,
        counted.track_count
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
        null as track_count

)

select * from dim_artist
