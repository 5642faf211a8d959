with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}

),

dim_user as (

    select * from {{ ref('dim_user') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}

),

known as (

    select
        user_key,
        track_key,
        min(listened_at) as first_listened_at,
        max(listened_at) as last_listened_at,
        sum(play_count) as play_count
    from fct_listen_history
    where user_key != -1 and track_key != -1
    group by user_key, track_key

),

-- ALS wants dense 32-bit indexes; ids give them an order that no rerun changes.
users as (

    select
        dim_user.user_key,
        row_number() over (order by dim_user.user_id) - 1 as user_index
    from dim_user
    left semi join known on dim_user.user_key = known.user_key

),

tracks as (

    select
        dim_track.track_key,
        row_number() over (order by dim_track.track_id) - 1 as track_index
    from dim_track
    left semi join known on dim_track.track_key = known.track_key

),

-- A user's discoveries in the order they were made; those of one moment in a
-- fixed shuffle.
discovered as (

    select
        *,
        row_number() over (
            partition by user_key
            order by
                first_listened_at asc nulls first,
                xxhash64(user_key, track_key)
        ) as discovery_number,
        count(*) over (partition by user_key) as discovery_count
    from known

),

usual as (

    select avg(log1p(play_count)) as strength
    from known

),

joined as (

    select
        ---------- keys
        discovered.user_key,
        discovered.track_key,
        users.user_index,
        tracks.track_index,

        ---------- numbers
        discovered.play_count,
        log1p(discovered.play_count) / usual.strength as strength,

        ---------- booleans
        discovered.discovery_number
        > discovered.discovery_count
        - floor(discovered.discovery_count * {{ var('holdout_share') }})
            as is_holdout,

        ---------- timestamps
        discovered.first_listened_at,
        discovered.last_listened_at

    from discovered
    inner join users on discovered.user_key = users.user_key
    inner join tracks on discovered.track_key = tracks.track_key
    cross join usual

)

select * from joined
