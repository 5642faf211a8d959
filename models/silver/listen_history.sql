with

listen_history_records as (

    select * from {{ ref('listen_history_records') }}

),

users as (

    select * from {{ ref('users') }}

),

track as (

    select * from {{ ref('track') }}

),

latest as (

    select
        *,
        posexplode(track_ids) as (list_position, track_id)
    from listen_history_records
    where fate = 'current'

),

listens as (

    select
        listening_key,
        user_id,
        track_id,
        listened_at,
        updated_at,
        ingested_at,
        is_updated_at_repaired,
        min(list_position) + 1 as list_position,
        cast(count(*) as int) as play_count
    from latest
    group by all

),

joined as (

    select
        ---------- keys
        xxhash64(listens.listening_key, listens.track_id) as listen_key,
        listens.listening_key,
        listens.user_id,
        listens.track_id,
        users.user_key,
        track.track_key,

        ---------- numbers
        listens.list_position,
        listens.play_count,

        ---------- booleans
        users.user_key is not null as is_known_user,
        track.track_key is not null as is_known_track,
        listens.is_updated_at_repaired,

        ---------- timestamps
        listens.listened_at,
        listens.updated_at,
        listens.ingested_at

    from listens
    left join users on listens.user_id = users.user_id
    left join track on listens.track_id = track.track_id

)

select * from joined
