select
    listen_history.listen_key,
    coalesce(dim_date.date_key, -1) as date_key,
    coalesce(listen_history.user_key, -1) as user_key,
    coalesce(listen_history.track_key, -1) as track_key,
    listen_history.listening_key,
    listen_history.user_id,
    listen_history.track_id,
    listen_history.list_position,
    listen_history.play_count,
    not listen_history.is_known_user as is_orphan_user,
    not listen_history.is_known_track as is_orphan_track,
    listen_history.listened_at,
    listen_history.listened_month
from {{ ref('listen_history') }} as listen_history
left join {{ ref('dim_date') }} as dim_date
    on listen_history.listened_at::date = dim_date.calendar_date
