with

blocked as (

    select * from {{ ref('blocked') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}
    where track_key != -1

),

bridge_track_artist as (

    select * from {{ ref('bridge_track_artist') }}

),

tracks as (

    select
        dim_track.track_key,
        blocked.why
    from blocked
    inner join dim_track on blocked.name = dim_track.track_id
    where blocked.kind = 'track'

),

-- Of an artist also the tracks on which they are a guest.
of_artists as (

    select
        bridge_track_artist.track_key,
        blocked.why
    from blocked
    inner join bridge_track_artist
        on {{ artist_key('blocked.name') }} = bridge_track_artist.artist_key
    where blocked.kind = 'artist' and bridge_track_artist.track_key != -1

),

named as (

    select * from tracks
    union all
    select * from of_artists

),

blocked_tracks as (

    select
        track_key,
        min(why) as why
    from named
    group by track_key

)

select * from blocked_tracks
