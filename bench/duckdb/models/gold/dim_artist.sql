with

counted as (

    select
        bridge_track_artist.artist_key,
        count(distinct case when bridge_track_artist.role = 'main' then track.album_key end)
            as album_count,
        count_if(bridge_track_artist.role = 'main') as track_count,
        count_if(bridge_track_artist.role = 'featured') as featured_track_count
    from {{ ref('bridge_track_artist') }} as bridge_track_artist
    inner join {{ ref('track') }} as track on bridge_track_artist.track_key = track.track_key
    group by bridge_track_artist.artist_key

)

select
    artist.artist_key,
    artist.artist_name,
    counted.album_count,
    counted.track_count,
    counted.featured_track_count
from {{ ref('artist') }} as artist
inner join counted on artist.artist_key = counted.artist_key
union all
select -1, 'Unknown', null, null, null
