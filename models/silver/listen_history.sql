{{ config(materialized='incremental', partition_by=['listened_month']) }}

with

listen_history_records as (

    select * from {{ ref('listen_history_records') }}
    where
        fate = 'current'
        {% if is_incremental() %}
        and {{ is_newer(
            'listened_month',
            [ref('listen_history_records')],
            besides=months_of_found_orphans()
        ) }}
        {% endif %}

),

users as (

    select * from {{ ref('users') }}

),

track as (

    select * from {{ ref('track') }}

),

exploded as (

    select
        *,
        explode(array_distinct(track_ids)) as track_id
    from listen_history_records

),

listens as (

    select
        *,
        cast(array_position(track_ids, track_id) as int) as list_position,
        size(track_ids) - size(array_remove(track_ids, track_id))
            as play_count
    from exploded

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
        listens.ingested_at,

        ---------- partition
        listens.listened_month

    from listens
    left join users on listens.user_id = users.user_id
    left join track on listens.track_id = track.track_id

)

select * from joined
