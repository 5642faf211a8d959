with

counted as (

    select
        album_key,
        count(*) as track_count,
        sum(duration_seconds)::bigint as duration_seconds
    from {{ ref('track') }}
    group by album_key

)

select
    album.album_key,
    coalesce(album.artist_key, -1) as artist_key,
    album.album_title,
    counted.track_count,
    counted.duration_seconds
from {{ ref('album') }} as album
inner join counted on album.album_key = counted.album_key
union all
select -1, -1, 'Unknown', null, null
