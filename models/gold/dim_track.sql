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
    {{ unknown_member({
        'track_key': -1,
        'track_id': "'unknown'",
        'album_key': -1,
        'artist_key': -1,
        'track_name': "'Unknown'",
    }) }}

)

select * from dim_track
