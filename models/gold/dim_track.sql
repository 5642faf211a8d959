with

track as (

    select * from {{ ref('track') }}

),

renamed as (

    select
        ---------- keys
        track_key,
        track_id,
        coalesce(album_key, -1) as album_key,
        coalesce(artist_key, -1) as artist_key,

        ---------- text
        track_name,
        artist_credit,
        songwriters,

        ---------- numbers
        duration_seconds,

        ---------- timestamps
        created_at,
        updated_at

    from track

),

dim_track as (

    select * from renamed

    union all

    select
        -1 as track_key,
        'unknown' as track_id,
        -1 as album_key,
        -1 as artist_key,
        'Unknown' as track_name,
        null as artist_credit,
        null as songwriters,
        null as duration_seconds,
        null as created_at,
        null as updated_at

)

select * from dim_track
