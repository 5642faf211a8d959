with

track as (

    select * from {{ ref('track') }}

),

album as (

    select
        album_key,
        artist_key,
        min(album_title) as album_title
    from track
    where album_key is not null
    group by album_key, artist_key

)

select * from album
