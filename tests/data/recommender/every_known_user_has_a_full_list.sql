-- As many tracks as wanted, or all there are left to hear that are not blocked;
-- ranked from 1 without a gap.
with

dim_user as (

    select * from {{ ref('dim_user') }}
    where user_key != -1

),

recommendations as (

    select * from {{ ref('recommendations') }}

),

als_input as (

    select * from {{ ref('als_input') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}
    where track_key != -1

),

blocked_tracks as (

    select * from {{ ref('blocked_tracks') }}

),

tracks as (

    select count(*) as track_count
    from dim_track
    left anti join blocked_tracks
        on dim_track.track_key = blocked_tracks.track_key

),

heard as (

    select
        als_input.user_key,
        count(*) as heard_count
    from als_input
    left anti join blocked_tracks
        on als_input.track_key = blocked_tracks.track_key
    group by als_input.user_key

),

listed as (

    select
        user_id,
        count(*) as list_length,
        max(rank) as last_rank
    from recommendations
    group by user_id

),

lengths as (

    select
        dim_user.user_id,
        coalesce(listed.list_length, 0) as list_length,
        coalesce(listed.last_rank, 0) as last_rank,
        least(
            {{ var('recommendations_per_user') }},
            tracks.track_count - coalesce(heard.heard_count, 0)
        ) as wanted_length
    from dim_user
    cross join tracks
    left join heard on dim_user.user_key = heard.user_key
    left join listed on dim_user.user_id = listed.user_id

)

select * from lengths
where list_length != wanted_length or last_rank != wanted_length
