with

blocked_tracks as (

    select * from {{ ref('blocked_tracks') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}

),

blocked as (

    select dim_track.track_id
    from dim_track
    left semi join blocked_tracks
        on dim_track.track_key = blocked_tracks.track_key

),

recommendations as (

    select track_id from {{ ref('recommendations') }}

),

similar_tracks as (

    select
        track_id,
        similar_track_id
    from {{ ref('similar_tracks') }}

),

listed as (

    select track_id from recommendations
    union all
    select track_id from similar_tracks
    union all
    select similar_track_id as track_id from similar_tracks

)

select distinct listed.track_id
from listed
left semi join blocked on listed.track_id = blocked.track_id
