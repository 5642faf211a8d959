with

exploded as (

    select *, unnest(list_distinct(track_ids)) as track_id
    from {{ ref('listen_history_records') }}
    where fate = 'current'

),

listens as (

    select
        *,
        list_position(track_ids, track_id)::int as list_position,
        len(list_filter(track_ids, lambda item: item = track_id))::int as play_count
    from exploded

)

select
    hash(listens.listening_key, listens.track_id) as listen_key,
    listens.listening_key,
    listens.user_id,
    listens.track_id,
    users.user_key,
    track.track_key,
    listens.list_position,
    listens.play_count,
    users.user_key is not null as is_known_user,
    track.track_key is not null as is_known_track,
    listens.is_updated_at_repaired,
    listens.listened_at,
    listens.updated_at,
    listens.ingested_at,
    listens.listened_month
from listens
left join {{ ref('users') }} as users on listens.user_id = users.user_id
left join {{ ref('track') }} as track on listens.track_id = track.track_id
