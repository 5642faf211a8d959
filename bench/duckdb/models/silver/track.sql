select
    track_id,
    {{ key(['track_id']) }} as track_key,
    {{ artist_key('artist_name') }} as artist_key,
    {{ key([case_folded('album_title'), case_folded('artist_name')]) }} as album_key,
    track_name,
    artist_name,
    artist_credit,
    featured_artist_names,
    album_title,
    songwriters,
    genre_names,
    duration_seconds,
    is_updated_at_repaired,
    created_at,
    updated_at,
    ingested_at
from {{ ref('track_records') }}
where fate = 'current'
