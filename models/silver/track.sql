with

track_records as (

    select * from {{ ref('track_records') }}

),

latest as (

    select
        ---------- keys
        track_id,
        {{ key(['track_id']) }} as track_key,
        {{ artist_key('artist_name') }} as artist_key,
        {{ album_key('album_title', 'artist_name') }} as album_key,

        ---------- text
        track_name,
        artist_name,
        artist_credit,
        featured_artist_names,
        album_title,
        songwriters,
        genre_names,

        ---------- numbers
        duration_seconds,

        ---------- booleans
        is_updated_at_repaired,

        ---------- timestamps
        created_at,
        updated_at,
        ingested_at

    from track_records
    where fate = 'current'

)

select * from latest
