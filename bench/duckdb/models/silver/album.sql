select
    album_key,
    artist_key,
    min(album_title) as album_title
from {{ ref('track') }}
where album_key is not null
group by album_key, artist_key
