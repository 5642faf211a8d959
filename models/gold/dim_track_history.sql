with

track_records as (

    select * from {{ ref('track_records') }}

),

dim_album as (

    select * from {{ ref('dim_album') }}

),

dim_artist as (

    select * from {{ ref('dim_artist') }}

),

{{ history_ctes(
    'track_records',
    'track_id',
    [
        'track_name',
        'artist_name',
        'artist_credit',
        'featured_artist_names',
        'album_title',
        'songwriters',
        'genre_names',
        'duration_seconds',
    ],
) }},

keyed as (

    select
        *,
        xxhash64(track_id, valid_from) as track_version_key,
        {{ key(['track_id']) }} as track_key,
        {{ artist_key('artist_name') }} as artist_key,
        {{ album_key('album_title', 'artist_name') }} as album_key
    from intervals

),

joined as (

    select
        ---------- keys
        keyed.track_version_key,
        keyed.track_key,
        keyed.track_id,
        coalesce(dim_album.album_key, -1) as album_key,
        coalesce(dim_artist.artist_key, -1) as artist_key,

        ---------- text
        keyed.track_name,
        keyed.artist_name,
        keyed.artist_credit,
        keyed.featured_artist_names,
        keyed.album_title,
        keyed.songwriters,
        keyed.genre_names,

        ---------- numbers
        keyed.duration_seconds,
        keyed.version_number,

        ---------- booleans
        keyed.is_current,

        ---------- timestamps
        keyed.valid_from,
        keyed.valid_to,
        keyed.created_at,
        keyed.updated_at

    from keyed
    left join dim_album on keyed.album_key = dim_album.album_key
    left join dim_artist on keyed.artist_key = dim_artist.artist_key

),

dim_track_history as (

    select * from joined

    union all

    select
        -1 as track_version_key,
        -1 as track_key,
        'unknown' as track_id,
        -1 as album_key,
        -1 as artist_key,
        'Unknown' as track_name,
        null as artist_name,
        null as artist_credit,
        null as featured_artist_names,
        null as album_title,
        null as songwriters,
        null as genre_names,
        null as duration_seconds,
        1 as version_number,
        true as is_current,
        timestamp '1900-01-01' as valid_from,
        null as valid_to,
        null as created_at,
        null as updated_at

)

select * from dim_track_history
