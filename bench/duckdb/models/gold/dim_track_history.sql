with

track_records as (

    select * from {{ ref('track_records') }}

),

{{ history_ctes(
    'track_records',
    'track_id',
    [
        'track_name',
        'artist_name',
        'album_title',
        'songwriters',
        'genre_names',
        'duration_seconds',
    ],
) }},

keyed as (

    select
        *,
        {{ key(['track_id', 'valid_from']) }} as track_version_key,
        {{ key(['track_id']) }} as track_key,
        {{ artist_key('artist_name') }} as artist_key,
        {{ key([case_folded('album_title'), case_folded('artist_name')]) }} as album_key
    from intervals

)

select
    keyed.track_version_key,
    keyed.track_key,
    keyed.track_id,
    coalesce(dim_album.album_key, -1) as album_key,
    coalesce(dim_artist.artist_key, -1) as artist_key,
    keyed.track_name,
    keyed.artist_name,
    keyed.album_title,
    keyed.songwriters,
    keyed.genre_names,
    keyed.duration_seconds,
    keyed.version_number,
    keyed.is_current,
    keyed.valid_from,
    keyed.valid_to,
    keyed.created_at,
    keyed.updated_at
from keyed
left join {{ ref('dim_album') }} as dim_album on keyed.album_key = dim_album.album_key
left join {{ ref('dim_artist') }} as dim_artist on keyed.artist_key = dim_artist.artist_key
union all
select
    -1, -1, 'unknown', -1, -1, 'Unknown', null, null, null, null, null, 1, true,
    timestamp '1900-01-01', null, null, null
