select
    track_key,
    track_id,
    coalesce(album_key, -1) as album_key,
    coalesce(artist_key, -1) as artist_key,
    track_name,
    artist_credit,
    songwriters,
    duration_seconds,
    created_at,
    updated_at
from {{ ref('track') }}
union all
select -1, 'unknown', -1, -1, 'Unknown', null, null, null, null, null
